/** How the secret rotates, who is told, and what makes it hard. */
export interface Scenario {
  name: string
  strategy: 'single-user' | 'alternating-users'
  /** Whether the contestant hears that AWSCURRENT has moved. */
  announced: boolean
  /** How long the database knows the new password before AWSCURRENT moves to it. */
  windowMs: number
  /** Whether the contestant may not read AWSPENDING. */
  pendingDenied: boolean
  /** Whether the contestant is to try AWSPENDING, if it can. */
  tryPending: boolean
  /** How long a secret may be taken for fresh; undefined for the contestant's own default. */
  ttlMs: number | undefined
  meanwhile: Meanwhile
}

/**
 * What happens beside the rotation:
 * - `connections break`: those that are idle end now and then.
 * - `pool grows`: it has one connection when the database gets the new password, and needs twenty.
 * - `server is full`: the user may have no more connections than the pool has.
 * - `endpoint moves`: in the place of a rotation the secret gets another address, and the old one lets nobody in any more.
 */
type Meanwhile = 'connections break' | 'pool grows' | 'server is full' | 'endpoint moves'

const windowMs = 3_000
const [grows, full, moves] = ['pool grows', 'server is full', 'endpoint moves'] as const

/** Every kind of rotation that a pool must get through. */
export const scenarios: readonly Scenario[] = [
  scenario('one user, announced'),
  scenario('one user, unannounced', { announced: false }),
  scenario('one user, 3 s window, AWSPENDING readable', { windowMs }),
  scenario('one user, 3 s window, AWSPENDING denied', { windowMs, pendingDenied: true }),
  scenario('one user, 3 s window, AWSPENDING not tried', { windowMs, tryPending: false }),
  scenario('one user, 3 s window, AWSPENDING readable, unannounced', { windowMs, announced: false }),
  scenario('one user, 3 s window, AWSPENDING denied, unannounced', { windowMs, pendingDenied: true, announced: false }),
  scenario('one user, 3 s window, AWSPENDING readable, the pool grows', { windowMs, meanwhile: grows }),
  scenario('one user, 3 s window, AWSPENDING not tried, the pool grows', { windowMs, tryPending: false, meanwhile: grows }),
  scenario('one user, announced, the server is full', { meanwhile: full }),
  scenario('two users, announced', { strategy: 'alternating-users' }),
  scenario('two users, unannounced', { strategy: 'alternating-users', announced: false, ttlMs: 5_000 }),
  scenario('two users, 3 s window', { strategy: 'alternating-users', windowMs }),
  scenario('the endpoint moves, unannounced', { announced: false, meanwhile: moves }),
]

/** Those in which a pool may go where the secret does not say, as behind a proxy, and may find room there. */
export const scenariosElsewhere: readonly Scenario[] = scenarios.filter(
  ({ meanwhile }) => meanwhile !== full && meanwhile !== moves,
)

/** Those of servers that take their time to refuse a login: long enough for all the logins that are allowed in half a minute. */
export const slowScenarios: readonly Scenario[] = scenariosElsewhere
  .filter(({ strategy, announced }) => strategy === 'single-user' && announced)
  .map(scenario => ({ ...scenario, name: scenario.name.replace('3 s', '7 s'), windowMs: scenario.windowMs > 0 ? 7_000 : 0 }))

function scenario(name: string, how: Partial<Scenario> = {}): Scenario {
  const steady = {
    windowMs: 0,
    pendingDenied: false,
    tryPending: true,
    ttlMs: undefined,
    meanwhile: 'connections break' as const,
  }
  return { name, strategy: 'single-user', announced: true, ...steady, ...how }
}
