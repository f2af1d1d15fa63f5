import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import type { DatabaseFields } from './rotating.js'
import { useServer } from './use-server.js'

/** What is known of a server of any kind. */
interface Server {
  readonly host: string
  readonly port: number
  /** The administrator. */
  readonly username: string
  readonly password: string
  stop(): Promise<void>
}

interface Connection {
  end(): Promise<unknown>
}

/** A database server for the tests of one file. */
export interface TestDatabase<S, C, Options> {
  readonly server: S
  /** A connection of the administrator. */
  readonly admin: C
  /** A user with a schema, or a database, of its own. */
  makeUser(options?: Options): Promise<DatabaseFields>
  /** The secret of the administrator. */
  masterSecret(): DatabaseFields
  /** Runs statements as the user of a secret; resolves with what each of them brings. */
  query(secret: DatabaseFields, ...statements: string[]): Promise<unknown[]>
}

/** What the kinds of servers do differently. */
interface Kind<S, C, Options> {
  readonly engine: string
  start(): Promise<S>
  /** Connects as the administrator unless another user is named. */
  connect(server: S, as?: { user: string; password: string; database?: string }): Promise<C>
  /** Makes a user; resolves with what their secret has beside the rest. */
  createUser(admin: C, user: { username: string; password: string }, options?: Options): Promise<Partial<DatabaseFields>>
  run(connection: C, statement: string): Promise<unknown[]>
}

/** Starts the server before the tests of the file and stops it after them. */
export function useDatabase<S extends Server, C extends Connection, Options = never>(
  kind: Kind<S, C, Options>,
): TestDatabase<S, C, Options> {
  const used = useServer(() => kind.start())
  let admin: C
  beforeAll(async () => {
    admin = await kind.connect(used.server)
  })
  // Before the server is stopped: hooks of the end run in the reverse order.
  afterAll(() => admin?.end())
  const secretOf = (username: string, password: string): DatabaseFields => {
    const { host, port } = used.server
    return { engine: kind.engine, host, port, username, password }
  }

  return {
    get server() {
      return used.server
    },
    get admin() {
      return admin
    },
    async makeUser(options) {
      const username = `app_${randomUUID().slice(0, 8)}`
      const password = randomUUID()
      const more = await kind.createUser(admin, { username, password }, options)
      return { ...secretOf(username, password), ...more }
    },
    masterSecret: () => secretOf(used.server.username, used.server.password),
    async query({ username, password, dbname }, ...statements) {
      const as = { user: username, password, ...(dbname !== undefined && { database: dbname }) }
      const connection = await kind.connect(used.server, as)
      try {
        const brought: unknown[] = []
        for (const statement of statements) brought.push(...(await kind.run(connection, statement)))
        return brought
      } finally {
        await connection.end()
      }
    },
  }
}
