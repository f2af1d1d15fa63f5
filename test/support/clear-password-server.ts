import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { makeCertificate } from './x509.js'

/**
 * A server that speaks the protocol of MySQL as far as the login, and asks for the password as it is, as RDS does for IAM users. It accepts
 * any, and records all that was sent to it.
 */
export interface ClearPasswordServer {
  readonly host: string
  readonly port: number
  /** The certificate to trust. */
  readonly ca: string
  /** How many connections were opened. */
  readonly connections: number
  /** What it was sent without TLS. */
  readonly plain: Buffer
  /** The answers to its request for the password, in the order of their arrival. */
  readonly passwords: readonly Buffer[]
  stop(): Promise<void>
}

const capabilities = {
  longPassword: 0x1,
  connectWithDb: 0x8,
  protocol41: 0x200,
  ssl: 0x800,
  transactions: 0x2000,
  secureConnection: 0x8000,
  pluginAuth: 0x80000,
}
const offered = Object.values(capabilities).reduce((all, one) => all | one)

const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8])
const text = (value: string): Buffer => Buffer.from(`${value}\0`)

const greeting = Buffer.concat([
  Buffer.from([10]),
  text('8.0.0-stand-in'),
  Buffer.from([1, 0, 0, 0]),
  Buffer.from('salt-of-'),
  Buffer.from([0]),
  u16(offered & 0xffff),
  Buffer.from([45, 2, 0]),
  u16(offered >>> 16),
  Buffer.from([21]),
  Buffer.alloc(10),
  text('twelve-bytes'),
  text('mysql_native_password'),
])
const switchToClearPassword = Buffer.concat([Buffer.from([0xfe]), text('mysql_clear_password')])
const ok = Buffer.from([0, 0, 0, 2, 0, 0, 0])

export async function startClearPasswordServer(): Promise<ClearPasswordServer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const [validFrom, validTo] = [-1, 1].map(days => new Date(Date.now() + days * 86_400_000)) as [Date, Date]
  const cert = makeCertificate({ publicKey, privateKey, name: 'localhost', validFrom, validTo })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
  const sockets = new Set<Socket>()
  const plain: Buffer[] = []
  const passwords: Buffer[] = []
  let connections = 0

  const server = createServer(socket => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    void serve(socket).catch(() => {})
  })

  const serve = async (socket: Socket): Promise<void> => {
    send(socket, 0, greeting)
    let stream = socket
    let packet = await receive(stream)
    plain.push(packet.payload)
    if (packet.payload.readUInt32LE(0) & capabilities.ssl) {
      stream = new TLSSocket(socket, { isServer: true, key, cert })
      stream.on('error', () => {})
      packet = await receive(stream)
    }
    send(stream, packet.number + 1, switchToClearPassword)
    packet = await receive(stream)
    if (stream === socket) plain.push(packet.payload)
    passwords.push(packet.payload)
    send(stream, packet.number + 1, ok)
    for (;;) {
      await receive(stream)
      send(stream, 1, ok)
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: 'localhost',
    port: (server.address() as AddressInfo).port,
    ca: cert,
    get connections() {
      return connections
    },
    get plain() {
      return Buffer.concat(plain)
    },
    passwords,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Packet {
  readonly number: number
  readonly payload: Buffer
}

function send(stream: Socket, number: number, payload: Buffer): void {
  const { length } = payload
  stream.write(Buffer.concat([Buffer.from([length & 0xff, (length >> 8) & 0xff, length >> 16, number]), payload]))
}

async function receive(stream: Socket): Promise<Packet> {
  const head = await take(stream, 4)
  return { number: head.readUInt8(3), payload: await take(stream, head.readUIntLE(0, 3)) }
}

/** Reads no more than that, so that the rest is left to TLS. */
async function take(stream: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const taken = stream.read(length) as Buffer | null
    if (taken !== null && taken.length === length) return taken
    if (stream.destroyed || stream.readableEnded || taken !== null) throw new Error('The client has left.')
    await Promise.race([once(stream, 'readable'), once(stream, 'close')])
  }
}
