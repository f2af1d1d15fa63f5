import { generateKeyPairSync } from 'node:crypto'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { type LoginSource, rdsIam } from '../../../src/iam/index.js'
import { createPool, type FollowingPool, type PoolEvent } from '../../../src/pg/index.js'
import type { ManualClock } from '../../../src/testing/index.js'
import { dateGoesBy } from '../../support/date-goes-by.js'
import { type GateLogin, PostgresGate } from '../../support/postgres-gate.js'
import type { FatalError } from '../../support/postgres-wire.js'
import { RoleKeys } from '../../support/role-keys.js'
import { faultOf, type TokenFault } from '../../support/token-check.js'
import { makeCertificate } from '../../support/x509.js'
import type { TestDatabase } from './database.js'

export type IamPool = pg.Pool & FollowingPool

/** The endpoint that tokens are for. The gate stands behind it, under a name of its own, as with a CNAME. */
export const endpoint = { host: 'db.abc123.eu-west-1.rds.amazonaws.com', port: 5432 }

const region = 'eu-west-1'

/** How a server with IAM logins is set up. */
export interface IamOptions {
  /** The clock of everything, `Date` included. @default that of the machine */
  readonly clock?: ManualClock
  /** How long the keys that sign last. */
  readonly keysLiveMs?: number
  readonly withoutTls?: boolean
  /** Whether tokens are for the gate's own host and port, in place of `endpoint`. */
  readonly isItsOwnEndpoint?: boolean
}

/** What a gate of AWS knows besides the tokens. */
interface Gatekeeper {
  /** How far its clock is ahead of the one here. */
  aheadMs: number
  /** What everybody gets who comes with a token, valid or not. */
  refusesAll: FatalError | undefined
}

/** A PostgreSQL that lets a user in by a token of IAM alone. */
export interface IamWorld {
  readonly user: string
  readonly gate: PostgresGate
  readonly keys: RoleKeys
  readonly gatekeeper: Gatekeeper
  /** Why tokens were refused, in order. */
  readonly faults: TokenFault[]
  /** How its own name and its certificate are given to a pool. */
  readonly address: { host: string; port: number; database: string; ssl: { ca: string } }
  readonly source: LoginSource
  /** A user who logs in by password, as those do who have no IAM logins. */
  makePasswordUser(): Promise<{ user: string; password: string }>
  /** A pool with the source, and what it has told. */
  open(options?: Partial<pg.PoolConfig> & { credentials?: LoginSource }): { pool: IamPool; events: PoolEvent[] }
}

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const dayMs = 86_400_000
export const certificate: string = makeCertificate({
  publicKey,
  privateKey,
  name: 'localhost',
  validFrom: new Date(Date.now() - dayMs),
  validTo: new Date(Date.now() + dayMs),
})
const tls: { key: string; cert: string } = {
  key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  cert: certificate,
}

/** A role and its gate. */
export interface GatedRole {
  readonly user: string
  readonly gate: PostgresGate
  /** Makes another role that the gate can lead in; resolves with its password. */
  makeUser(name?: string): Promise<{ user: string; password: string }>
}

/** Makes a role, and a gate in front of the server that knows its password. */
export async function openGate(
  database: TestDatabase,
  decide: (login: GateLogin) => FatalError | undefined,
  { withoutTls = false }: { withoutTls?: boolean | undefined } = {},
): Promise<GatedRole> {
  const passwords = new Map<string, string>()
  const makeUser = async (name?: string): Promise<{ user: string; password: string }> => {
    const { username, password } = await database.makeUser()
    const user = name ?? username
    if (name !== undefined) await database.admin.query(`ALTER ROLE ${username} RENAME TO ${name}`)
    passwords.set(user, password)
    return { user, password }
  }
  const behind = { port: database.server.port, password: (user: string) => passwords.get(user) ?? '' }
  const gate = await PostgresGate.open({ behind, decide, tls: withoutTls ? undefined : tls })
  onTestFinished(() => gate.stop())
  const { user } = await makeUser()
  return { user, gate, makeUser }
}

/** Sets everything up for one test, which it lasts as long as. */
export async function iamWorld(database: TestDatabase, options: IamOptions = {}): Promise<IamWorld> {
  const { clock, keysLiveMs, withoutTls, isItsOwnEndpoint = false } = options
  const now = (): number => clock?.now() ?? Date.now()
  if (clock !== undefined) dateGoesBy(clock)
  const keys = new RoleKeys(now, { lifeMs: keysLiveMs })
  const gatekeeper: Gatekeeper = { aheadMs: 0, refusesAll: undefined }
  const faults: TokenFault[] = []
  const passwordUsers = new Map<string, string>()
  const decide = ({ user, password }: GateLogin): FatalError | undefined => {
    if (passwordUsers.has(user)) return passwordUsers.get(user) === password ? undefined : notThePassword(user)
    if (gatekeeper.refusesAll !== undefined) return gatekeeper.refusesAll
    const { host, port } = signedFor()
    const purpose = {
      service: 'rds-db',
      region,
      endpoint: `${host}:${port}`,
      query: { Action: 'connect', DBUser: user },
    } as const
    const fault = faultOf(password, purpose, { keyOf: id => keys.keyOf(id), now: () => now() + gatekeeper.aheadMs })
    if (fault === undefined) return undefined
    faults.push(fault)
    return { code: '28000', message: `PAM authentication failed for user "${user}"` }
  }
  const { user, gate, makeUser } = await openGate(database, decide, { withoutTls })
  const signedFor = (): { host: string; port: number } => (isItsOwnEndpoint ? { host: 'localhost', port: gate.port } : endpoint)
  const source = rdsIam({ ...signedFor(), region, user, credentials: keys.provider, clock })
  const address = { host: 'localhost', port: gate.port, database: 'postgres', ssl: { ca: certificate } }
  return {
    user,
    gate,
    keys,
    gatekeeper,
    faults,
    address,
    source,
    async makePasswordUser() {
      const made = await makeUser()
      passwordUsers.set(made.user, made.password)
      return made
    },
    open: (options = {}) => openPool({ credentials: source, ...address, ...options }),
  }
}

function notThePassword(user: string): FatalError {
  return { code: '28P01', message: `password authentication failed for user "${user}"` }
}

/** A pool that ends with the test, and what it has told. */
export function openPool(options: Parameters<typeof createPool<pg.Pool, pg.PoolConfig>>[1]): {
  pool: IamPool
  events: PoolEvent[]
} {
  const pool = createPool(pg, options)
  onTestFinished(() => pool.end().catch(() => {}))
  return { pool, events: eventsOf(pool) }
}

export function eventsOf(pool: FollowingPool): PoolEvent[] {
  const events: PoolEvent[] = []
  for (const type of ['credentials', 'retired', 'window', 'refused'] as const) pool.on(type, event => events.push(event))
  return events
}

/** The process ids of a user's connections at the server. */
export async function sessionIds(database: TestDatabase, user: string): Promise<number[]> {
  const { rows } = await database.admin.query('SELECT pid FROM pg_stat_activity WHERE usename = $1 ORDER BY pid', [user])
  return rows.map(({ pid }) => pid)
}

/** Has the server end all idle connections of a user, and waits until the pool knows. */
export async function endSessions(database: TestDatabase, { user, pool }: { user: string; pool: IamPool }): Promise<void> {
  const gone = new Promise<void>(resolve => {
    const check = (): void => (pool.totalCount === 0 ? resolve() : undefined)
    pool.on('remove', check)
    check()
  })
  await database.admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [user])
  await gone
}
