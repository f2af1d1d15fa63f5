const followed = new WeakSet<object>()

/** Notes that a pool, or a client, follows a secret. A TypeError if it does already: two secrets would undo each other's work. */
export function claimPool(pool: object, kind: 'pool' | 'client' = 'pool'): void {
  if (followed.has(pool)) throw new TypeError(`This ${kind} follows a secret already.`)
  followed.add(pool)
}
