import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Binary } from 'mongodb'
import { ScramLogin } from './scram.js'
import { type Fields, serveCommands } from './wire.js'

/**
 * A server that speaks the protocol of MongoDB to the real driver: logins by SCRAM-SHA-256, insertions, and counts by equal fields. It
 * stands in for MongoDB, which cannot be installed from a package registry; whoever is not logged in is told so by MongoDB's own codes.
 */
export interface MongodbStandIn {
  readonly host: string
  readonly port: number
  /** How many logins it has rejected. */
  readonly rejected: number
  /** Open connections stay logged in, as those of MongoDB do. */
  setPassword(username: string, password: string): void
  stop(): Promise<void>
}

export async function startMongodbStandIn(): Promise<MongodbStandIn> {
  const passwords = new Map<string, string>()
  const collections = new Map<string, Fields[]>()
  const sockets = new Set<Socket>()
  let rejected = 0
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    const session = new Session(passwords, collections, () => {
      rejected += 1
    })
    serveCommands(socket, command => session.replyTo(command))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    get rejected() {
      return rejected
    },
    setPassword: (username, password) => void passwords.set(username, password),
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const failed = (code: number, codeName: string, errmsg: string): Fields => ({ ok: 0, code, codeName, errmsg })

/** One connection. */
class Session {
  readonly #passwords: ReadonlyMap<string, string>
  readonly #collections: Map<string, Fields[]>
  readonly #onRejected: () => void
  #login: ScramLogin | undefined
  #user: string | undefined

  constructor(passwords: ReadonlyMap<string, string>, collections: Map<string, Fields[]>, onRejected: () => void) {
    this.#passwords = passwords
    this.#collections = collections
    this.#onRejected = onRejected
  }

  replyTo(command: Fields): Fields {
    const [name = ''] = Object.keys(command)
    if (/^(?:hello|isMaster)$/i.test(name)) return this.#hello(command)
    if (name === 'saslStart') return this.#challenge(command) ?? this.#reject()
    if (name === 'saslContinue') return this.#judge(command)
    if (name === 'endSessions') return { ok: 1 }
    if (this.#user === undefined) return failed(13, 'Unauthorized', `Command ${name} requires authentication`)
    const collection = `${command.$db}.${command[name]}`
    if (name === 'ping') return { ok: 1 }
    if (name === 'insert') return this.#insert(collection, command.documents as Fields[])
    if (name === 'aggregate') return this.#count(collection, command.pipeline as Fields[])
    return failed(59, 'CommandNotFound', `The stand-in does not know ${name}.`)
  }

  #hello({ speculativeAuthenticate }: Fields): Fields {
    const challenge = this.#challenge((speculativeAuthenticate ?? {}) as Fields)
    return {
      helloOk: true,
      isWritablePrimary: true,
      ismaster: true,
      maxBsonObjectSize: 16_777_216,
      maxMessageSizeBytes: 48_000_000,
      maxWriteBatchSize: 100_000,
      minWireVersion: 0,
      maxWireVersion: 21,
      localTime: new Date(),
      saslSupportedMechs: ['SCRAM-SHA-256'],
      ...(challenge && { speculativeAuthenticate: challenge }),
      ok: 1,
    }
  }

  #challenge({ mechanism, payload }: Fields): Fields | undefined {
    if (mechanism !== 'SCRAM-SHA-256') return undefined
    const login = new ScramLogin(textOf(payload))
    if (!this.#passwords.has(login.username)) return undefined
    this.#login = login
    return { conversationId: 1, done: false, payload: binary(login.challenge), ok: 1 }
  }

  #judge({ payload }: Fields): Fields {
    const login = this.#login
    const verdict = login?.verdict(textOf(payload), this.#passwords.get(login.username) ?? '')
    if (login === undefined || verdict === undefined) return this.#reject()
    this.#user = login.username
    return { conversationId: 1, done: true, payload: binary(verdict), ok: 1 }
  }

  #reject(): Fields {
    this.#onRejected()
    return failed(18, 'AuthenticationFailed', 'Authentication failed.')
  }

  #insert(collection: string, documents: readonly Fields[]): Fields {
    const held = this.#collections.get(collection) ?? []
    this.#collections.set(collection, [...held, ...documents])
    return { n: documents.length, ok: 1 }
  }

  /** What `countDocuments` sends: the fields to match, then a group that counts. */
  #count(collection: string, pipeline: readonly Fields[]): Fields {
    const wanted = Object.entries((pipeline[0]?.$match ?? {}) as Fields)
    const held = this.#collections.get(collection) ?? []
    const n = held.filter(document => wanted.every(([field, value]) => document[field] === value)).length
    return { cursor: { id: 0n, ns: collection, firstBatch: n === 0 ? [] : [{ _id: 1, n }] }, ok: 1 }
  }
}

function textOf(payload: unknown): string {
  return Buffer.from((payload as Binary).value()).toString()
}

function binary(text: string): Binary {
  return new Binary(Buffer.from(text))
}
