const followed = new WeakSet<object>()

/**
 * Makes a pool or a client follow a secret by calling `begin`. Throws a TypeError if it already follows one: two secrets would undo each
 * other's work. If `begin` throws, it can be tried again.
 */
export function claimPool<Result>(pool: object, begin: () => Result, kind: 'pool' | 'client' = 'pool'): Result {
  if (followed.has(pool)) throw new TypeError(`This ${kind} already follows a secret.`)
  const result = begin()
  followed.add(pool)
  return result
}

export function isFollowing(pool: object): boolean {
  return followed.has(pool)
}
