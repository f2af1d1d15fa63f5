import type pg from 'pg'
import { dsql, type LoginSource } from '../../../src/iam/index.js'
import type { PoolEvent } from '../../../src/pg/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { dateGoesBy } from '../../support/date-goes-by.js'
import type { GateLogin, PostgresGate } from '../../support/postgres-gate.js'
import type { FatalError } from '../../support/postgres-wire.js'
import { RoleKeys } from '../../support/role-keys.js'
import { faultOf, type TokenFault } from '../../support/token-check.js'
import type { TestDatabase } from './database.js'
import { certificate, type IamPool, openGate, openPool } from './iam-world.js'

export const dsqlHost = 'abc123.dsql.eu-west-1.on.aws'

const sessionMs = 3_600_000

const denied = { code: '08006', message: 'unable to accept connection, access denied' }

/** What DSQL says to a client whose connection would be one too many in this second. The code is documented, the text is assumed. */
export const tooFast: FatalError = { code: '53400', message: 'unable to accept connection, rate exceeded' }

/** What DSQL says to a client that finds no free connection. The code is documented, the text is assumed. */
export const noRoom: FatalError = { code: '53300', message: 'unable to accept connection, too many connections' }

/** A stand-in for Aurora DSQL with a PostgreSQL behind it. All of it goes by one clock that the test moves, `Date` included. */
export interface DsqlWorld {
  readonly clock: ManualClock
  readonly user: string
  readonly gate: PostgresGate
  readonly keys: RoleKeys
  readonly service: {
    /** How far its clock is ahead of the one here. */
    aheadMs: number
    /** What everybody gets. */
    refusesAll: FatalError | undefined
    /** How many connections it accepts in a second. */
    perSecond: number
    /** How many sessions it has ended because an hour was over. */
    ended: number
  }
  readonly source: LoginSource
  open(options?: Partial<pg.PoolConfig> & { credentials?: LoginSource }): { pool: IamPool; events: PoolEvent[] }
}

/** Sets everything up for one test, which it lasts as long as. */
export async function dsqlWorld(database: TestDatabase, { as }: { as?: 'admin' } = {}): Promise<DsqlWorld> {
  const clock = new ManualClock()
  dateGoesBy(clock)
  const keys = new RoleKeys(() => clock.now())
  const service: DsqlWorld['service'] = { aheadMs: 0, refusesAll: undefined, perSecond: 100, ended: 0 }
  let accepted: number[] = []
  const decide = ({ user, password }: GateLogin): FatalError | undefined => {
    if (service.refusesAll !== undefined) return service.refusesAll
    accepted = accepted.filter(at => at > clock.elapsedMs() - 1_000)
    if (accepted.length >= service.perSecond) return tooFast
    const action = user === 'admin' ? 'DbConnectAdmin' : 'DbConnect'
    const purpose = { service: 'dsql', region: 'eu-west-1', endpoint: dsqlHost, query: { Action: action } } as const
    const now = (): number => clock.now() + service.aheadMs
    const fault = faultOf(password, purpose, { keyOf: id => keys.keyOf(id), now })
    if (fault !== undefined) return { ...denied, hint: hintFor(fault, user) }
    accepted.push(clock.elapsedMs())
    return undefined
  }
  const made = await openGate(database, decide)
  const { gate } = made
  const { user } = as === undefined ? made : await made.makeUser(as)
  gate.onSession = session => {
    clock.setTimeout(() => {
      if (!gate.sessions.includes(session)) return
      service.ended += 1
      session.end({ code: '57P01', message: 'terminating connection: its time is over' })
    }, sessionMs)
  }
  const source = dsql({ host: dsqlHost, credentials: keys.provider, clock, ...(as === undefined && { user }) })
  const address = { host: 'localhost', port: gate.port, ssl: { ca: certificate } }
  return {
    clock,
    user,
    gate,
    keys,
    service,
    source,
    open: (options = {}) => openPool({ credentials: source, idleTimeoutMillis: 0, ...address, ...options }),
  }
}

function hintFor(fault: TokenFault, user: string): string {
  if (fault === 'expired') return 'Signature expired'
  return fault === 'other parameters' ? `Wrong user to action mapping. user: ${user}` : 'not authorized'
}
