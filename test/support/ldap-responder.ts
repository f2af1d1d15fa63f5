import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

// As much of LDAP as PostgreSQL speaks to check a password: simple binds, RFC 4511.

/** Who wants to bind. */
export interface BindRequest {
  /** Such as `uid=app,ou=iam`. */
  readonly name: string
  readonly password: string
}

/** A directory that knows nobody, and asks a function of the test who may come in. */
export interface LdapResponder {
  readonly port: number
  /** All binds, in this order, and what has become of them. */
  readonly binds: readonly (BindRequest & { readonly isAllowed: boolean })[]
  stop(): Promise<void>
}

const tags = { sequence: 0x30, integer: 0x02, enumerated: 0x0a, text: 0x04, bind: 0x60, bound: 0x61, simple: 0x80 }
const results = { success: 0, invalidCredentials: 49 }

/** Starts one on a free port of this machine. */
export async function startLdapResponder(allows: (request: BindRequest) => boolean): Promise<LdapResponder> {
  const binds: (BindRequest & { isAllowed: boolean })[] = []
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let received: Buffer = Buffer.alloc(0)
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      for (let message = elementIn(received); message !== undefined; message = elementIn(received)) {
        received = message.rest
        const asked = bindIn(message.content)
        // An unbind, which has no answer.
        if (asked === undefined) return void socket.end()
        const isAllowed = allows(asked.request)
        binds.push({ ...asked.request, isAllowed })
        socket.write(bindResponse(asked.id, isAllowed ? results.success : results.invalidCredentials))
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    binds,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The message's number, and what it asks for; undefined for any other than a simple bind. */
function bindIn(message: Buffer): { id: Buffer; request: BindRequest } | undefined {
  const [id, operation] = elementsIn(message)
  if (id === undefined || operation?.tag !== tags.bind) return undefined
  const [, name, password] = elementsIn(operation.content)
  if (name === undefined || password?.tag !== tags.simple) return undefined
  return { id: id.content, request: { name: name.content.toString(), password: password.content.toString() } }
}

function bindResponse(id: Buffer, result: number): Buffer {
  const empty = element(tags.text, Buffer.alloc(0))
  const response = element(tags.bound, element(tags.enumerated, Buffer.from([result])), empty, empty)
  return element(tags.sequence, element(tags.integer, id), response)
}

function element(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, content.length]), content])
}

interface Element {
  readonly tag: number
  readonly content: Buffer
  readonly rest: Buffer
}

function elementsIn(bytes: Buffer): Element[] {
  const first = elementIn(bytes)
  return first === undefined ? [] : [first, ...elementsIn(first.rest)]
}

/** The first one; undefined if not all of it has come. */
function elementIn(bytes: Buffer): Element | undefined {
  const [tag, size] = bytes
  if (tag === undefined || size === undefined) return undefined
  const sizeBytes = size < 0x80 ? 0 : size & 0x7f
  if (bytes.length < 2 + sizeBytes) return undefined
  const start = 2 + sizeBytes
  const end = start + (sizeBytes === 0 ? size : bytes.readUIntBE(2, sizeBytes))
  return bytes.length < end ? undefined : { tag, content: bytes.subarray(start, end), rest: bytes.subarray(end) }
}
