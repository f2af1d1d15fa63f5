const followed = new WeakSet<object>()

/** Notes that a pool follows a secret. A TypeError if it does already: two secrets would undo each other's work. */
export function claimPool(pool: object): void {
  if (followed.has(pool)) throw new TypeError('This pool follows a secret already.')
  followed.add(pool)
}
