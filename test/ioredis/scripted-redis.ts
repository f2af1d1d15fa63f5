import { type Duplex, duplexPair } from 'node:stream'

/** A Redis in memory, as far as clients need one to log in, and the `Connector` of ioredis that leads to it. */
export class ScriptedRedis {
  /** The passwords of each user. */
  readonly users: Map<string, string[]> = new Map()
  /** Who logged in, with what and how that went. */
  readonly logins: string[] = []
  /** What the next AUTH of open connections is refused with, whatever its password. */
  refuseOpen: string | undefined
  /** The passwords that are neither right nor wrong for now: with the answer that each gets, or none at all. */
  readonly undecided: Map<string, string | undefined> = new Map()
  /** Nobody is there to connect to. */
  isAway = false
  readonly #streams = new Set<Duplex>()

  get refusals(): number {
    return this.logins.filter(login => login.endsWith('refused')).length
  }

  /** Ends all connections. */
  hangUp(): void {
    for (const stream of this.#streams) stream.destroy()
  }

  readonly Connector: new (options: object) => object = (() => {
    const open = (): Duplex => this.#open()
    const isAway = (): boolean => this.isAway
    return class {
      connecting = false
      firstError: unknown
      stream: Duplex | undefined
      check(): boolean {
        return true
      }
      async connect(): Promise<Duplex> {
        this.connecting = true
        this.stream = open()
        if (!isAway()) return this.stream
        this.firstError = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
        return this.stream.destroy()
      }
      disconnect(): void {
        this.connecting = false
        this.stream?.destroy()
      }
    }
  })()

  #open(): Duplex {
    const [client, server] = duplexPair()
    Object.assign(client, { setNoDelay() {}, setKeepAlive() {}, setTimeout() {} })
    this.#streams.add(client)
    client.on('close', () => {
      this.#streams.delete(client)
      server.destroy()
    })
    server.on('error', () => {})
    const write = (answer: string | undefined): void => void (answer !== undefined && server.write(answer))
    const session = { user: undefined as string | undefined, isInTransaction: false }
    server.on('data', (chunk: Buffer) => {
      for (const command of commandsIn(String(chunk))) write(this.#answer(session, command))
    })
    return client
  }

  #answer(session: { user: string | undefined; isInTransaction: boolean }, [name = '', ...words]: string[]): string | undefined {
    switch (name.toLowerCase()) {
      case 'hello': {
        const [, , user = '', password = ''] = words
        const answer = words.length > 1 ? this.#logIn(session, user, password) : '+OK\r\n'
        return answer === undefined || answer.startsWith('-') ? answer : '%1\r\n+proto\r\n:3\r\n'
      }
      case 'auth': {
        if (session.isInTransaction) return '+QUEUED\r\n'
        if (session.user !== undefined && this.refuseOpen !== undefined) return `-${this.refuseOpen}\r\n`
        return words.length > 1
          ? this.#logIn(session, words[0] ?? '', words[1] ?? '')
          : this.#logIn(session, 'default', words[0] ?? '')
      }
      case 'multi':
        session.isInTransaction = true
        return '+OK\r\n'
      case 'exec':
      case 'discard':
        session.isInTransaction = false
        return '+OK\r\n'
      case 'info':
        return session.user === undefined ? '-NOAUTH Authentication required.\r\n' : '+redis_version:7.0.0\r\n'
      case 'client':
        return '+OK\r\n'
      default:
        return session.user === undefined ? '-NOAUTH Authentication required.\r\n' : `+${session.user}\r\n`
    }
  }

  #logIn(session: { user: string | undefined }, user: string, password: string): string | undefined {
    if (this.undecided.has(password)) {
      this.logins.push(`${user} ${password} undecided`)
      return this.undecided.get(password)
    }
    const isRight = this.users.get(user)?.includes(password) ?? false
    this.logins.push(`${user} ${password}${isRight ? '' : ' refused'}`)
    if (!isRight) return '-WRONGPASS invalid username-password pair or user is disabled.\r\n'
    session.user = user
    return '+OK\r\n'
  }
}

/** The commands in what a client has sent: whole ones, since a pair of streams in memory divides nothing. */
function commandsIn(text: string): string[][] {
  const lines = text.split('\r\n')
  const commands: string[][] = []
  while (lines.length > 1) {
    const words = Number(lines.shift()?.slice(1))
    commands.push(Array.from({ length: words }, () => lines.splice(0, 2)[1] ?? ''))
  }
  return commands
}
