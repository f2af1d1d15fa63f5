/** How the secret rotates, and who is told. */
export interface Scenario {
  name: string
  strategy: 'single-user' | 'alternating-users'
  /** Whether the contestant hears that AWSCURRENT has moved. */
  announced: boolean
  /** How long the database knows the new password before AWSCURRENT moves to it. */
  windowMs: number
  /** Whether the contestant may not read AWSPENDING. */
  pendingDenied: boolean
  /** How long a secret may be taken for fresh; undefined for the contestant's own default. */
  ttlMs: number | undefined
}

const windowMs = 3_000

/** Every kind of rotation that a pool must get through. */
export const scenarios: readonly Scenario[] = [
  scenario('one user, announced'),
  scenario('one user, unannounced', { announced: false }),
  scenario('one user, 3 s window, AWSPENDING readable', { windowMs }),
  scenario('one user, 3 s window, AWSPENDING denied', { windowMs, pendingDenied: true }),
  scenario('one user, 3 s window, AWSPENDING readable, unannounced', { windowMs, announced: false }),
  scenario('one user, 3 s window, AWSPENDING denied, unannounced', { windowMs, pendingDenied: true, announced: false }),
  scenario('two users, announced', { strategy: 'alternating-users' }),
  scenario('two users, unannounced', { strategy: 'alternating-users', announced: false, ttlMs: 5_000 }),
  scenario('two users, 3 s window', { strategy: 'alternating-users', windowMs }),
]

function scenario(name: string, how: Partial<Scenario> = {}): Scenario {
  return { name, strategy: 'single-user', announced: true, windowMs: 0, pendingDenied: false, ttlMs: undefined, ...how }
}
