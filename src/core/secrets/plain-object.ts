/** Whether a value is an object of a literal or of JSON: neither a list nor an instance of a class. Objects of another realm are. */
export function isPlainObject(value: unknown): value is Record<PropertyKey, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // By its root and not by Object.prototype, of which every realm (a vm, a test runner's sandbox) has one.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty'))
}
