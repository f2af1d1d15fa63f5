import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import {
  cleartextPassword,
  type FatalError,
  fatal,
  passwordMessage,
  readMessage,
  readStartup,
  type StartupMessage,
  sslRequestCode,
} from './postgres-wire.js'

/** Who wants to log in. */
export interface GateLogin {
  readonly user: string
  readonly database: string
  readonly password: string
}

/** A login and what became of it. */
export interface DecidedLogin extends GateLogin {
  readonly refusal: FatalError | undefined
}

/** What a gate needs. */
export interface GateOptions {
  /** The PostgreSQL behind it, which must ask for the password in clear text. */
  readonly behind: { readonly port: number; password(user: string): string }
  /** The key and the certificate of the gate, as PEM text; without them it offers no TLS. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined
  /** Decides on a login: the error that it gets, or undefined if it may come in. */
  decide(login: GateLogin): FatalError | undefined
}

/** A session that has come in. */
export interface GateSession {
  readonly user: string
  /** Ends it as a server does that shuts a session. */
  end(error: FatalError): void
}

/**
 * A gate in front of a real PostgreSQL, as the services of AWS have one: it demands TLS, asks for the password, decides on it by a function
 * of the test, and leads those who may come in to the server behind, whose own password they do not know.
 */
export class PostgresGate {
  readonly #options: GateOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Set<GateSession>()
  /** All who have sent a password, in this order. */
  readonly logins: DecidedLogin[] = []
  /** Called for each session that has come in. */
  onSession: (session: GateSession) => void = () => {}
  #connections = 0
  #offered = 0

  private constructor(options: GateOptions) {
    this.#options = options
    this.#server = createServer(socket => {
      this.#connections += 1
      this.#keep(socket)
      this.#serve(socket).catch(() => socket.destroy())
    })
  }

  /** Opens one on a free port of this machine. */
  static async open(options: GateOptions): Promise<PostgresGate> {
    const gate = new PostgresGate(options)
    gate.#server.listen(0, '127.0.0.1')
    await once(gate.#server, 'listening')
    return gate
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** How many connections have been opened to it. */
  get connections(): number {
    return this.#connections
  }

  /** How many have sent a startup message without TLS. */
  get offeredWithoutTls(): number {
    return this.#offered
  }

  /** Those that there are now. */
  get sessions(): readonly GateSession[] {
    return [...this.#sessions]
  }

  /** Those who were let in. */
  get admitted(): readonly DecidedLogin[] {
    return this.logins.filter(({ refusal }) => refusal === undefined)
  }

  get refused(): readonly DecidedLogin[] {
    return this.logins.filter(({ refusal }) => refusal !== undefined)
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(socket: Socket): Promise<void> {
    const first = await readStartup(socket)
    if (first.code !== sslRequestCode) {
      this.#offered += 1
      const { user, database } = first.parameters
      const message = `no pg_hba.conf entry for host "127.0.0.1", user "${user}", database "${database}", no encryption`
      socket.end(fatal({ code: '28000', message }))
      return
    }
    const { tls } = this.#options
    socket.write(tls === undefined ? 'N' : 'S')
    if (tls === undefined) return
    const secure = new TLSSocket(socket, { isServer: true, ...tls })
    this.#keep(secure)
    secure.once('error', () => socket.destroy())
    await this.#logIn(secure, await readStartup(secure))
  }

  async #logIn(client: Socket, startup: StartupMessage): Promise<void> {
    client.write(cleartextPassword)
    const { user = '', database = user } = startup.parameters
    const password = (await readMessage(client, 'p')).toString('utf8').slice(0, -1)
    const login = { user, database, password }
    const refusal = this.#options.decide(login)
    this.logins.push({ ...login, refusal })
    if (refusal === undefined) await this.#leadIn(client, user, startup)
    else client.end(fatal(refusal))
  }

  async #leadIn(client: Socket, user: string, startup: StartupMessage): Promise<void> {
    const { port, password } = this.#options.behind
    const onward = connect({ host: '127.0.0.1', port })
    this.#keep(onward)
    onward.once('close', () => client.destroy())
    client.once('close', () => onward.destroy())
    onward.write(startup.bytes)
    await readMessage(onward, 'R')
    onward.write(passwordMessage(password(user)))
    client.pipe(onward)
    onward.pipe(client)
    const session: GateSession = {
      user,
      end(error) {
        onward.unpipe(client)
        client.end(fatal(error), () => onward.destroy())
      },
    }
    this.#sessions.add(session)
    client.once('close', () => this.#sessions.delete(session))
    this.onSession(session)
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.setNoDelay()
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
  }
}
