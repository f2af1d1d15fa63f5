/** The key under which pools, swaps, listeners and handlers keep their status: the same in every copy of this package. */
const statusKey: symbol = Symbol.for('awscurrent.status')

/** Lets `statusOf` find the status of an object. It is not enumerable: neither a log nor a copy of the object contains it. */
export function attachStatus(object: object, status: () => object | undefined): void {
  Object.defineProperty(object, statusKey, { value: status, enumerable: false, configurable: true })
}

/** The status of an object; undefined if it has none. */
export function statusOf(object: object): unknown {
  const status: unknown = Reflect.get(object, statusKey)
  return typeof status === 'function' ? status.call(object) : undefined
}

/** Whether an object has a status. */
export function hasStatus(object: unknown): object is object {
  const isObject = (typeof object === 'object' && object !== null) || typeof object === 'function'
  return isObject && typeof Reflect.get(object, statusKey) === 'function'
}
