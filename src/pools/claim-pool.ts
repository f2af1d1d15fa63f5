const followed = new WeakSet<object>()

/**
 * Has a pool, or a client, follow a secret by `begin`. A TypeError if it does already: two secrets would undo each other's work. If `begin`
 * throws, it may be tried again.
 */
export function claimPool<Result>(pool: object, begin: () => Result, kind: 'pool' | 'client' = 'pool'): Result {
  if (followed.has(pool)) throw new TypeError(`This ${kind} follows a secret already.`)
  const result = begin()
  followed.add(pool)
  return result
}

export function isFollowing(pool: object): boolean {
  return followed.has(pool)
}
