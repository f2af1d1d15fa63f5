/** Whether a value is an object from a literal or from JSON, of any realm: neither an array nor an instance of a class. */
export function isPlainObject(value: unknown): value is Record<PropertyKey, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // Not by comparison with Object.prototype: every realm (a vm, the sandbox of a test runner) has its own.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty'))
}
