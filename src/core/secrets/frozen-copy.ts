import { isPlainObject } from './plain-object.js'

/**
 * A deep copy that no reader can change: plain objects, arrays, Maps, Sets and Dates are copied and frozen at every level.
 *
 * It is a copy because a schema may share parts of its output, such as a default value, with its user. Instances of other classes are
 * kept as they are. There is no recursion, because a secret may be 65,536 opening brackets.
 */
export function frozenCopy(value: unknown): unknown {
  const copies = new Map<unknown, object>()
  const open: object[] = []
  const copyOf = (part: unknown): unknown => {
    const known = copies.get(part)
    if (known !== undefined) return known
    const copy = shallowCopy(part)
    if (copy === undefined) return part
    copies.set(part, copy)
    open.push(copy)
    return copy
  }
  const root = copyOf(value)
  for (let copy = open.pop(); copy !== undefined; copy = open.pop()) copyInside(copy, copyOf)
  for (const copy of copies.values()) freeze(copy)
  return root
}

/** Undefined for values that are not copied. */
function shallowCopy(value: unknown): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (isPlainObject(value))
    return Object.getPrototypeOf(value) === null ? Object.assign(Object.create(null), value) : { ...value }
  // Compare the prototype, because a subclass may have more state than is copied here.
  const prototype: object = Object.getPrototypeOf(value)
  if (Array.isArray(value)) return isPlainObject(prototype) ? value.slice() : undefined
  switch (prototype) {
    case Map.prototype:
      return new Map(value as Map<unknown, unknown>)
    case Set.prototype:
      return new Set(value as Set<unknown>)
    case Date.prototype:
      return new Date(value as Date)
    default:
      return undefined
  }
}

function copyInside(copy: object, copyOf: (part: unknown) => unknown): void {
  if (copy instanceof Map) {
    const entries = [...copy]
    copy.clear()
    for (const [key, value] of entries) copy.set(copyOf(key), copyOf(value))
  } else if (copy instanceof Set) {
    const items = [...copy]
    copy.clear()
    for (const item of items) copy.add(copyOf(item))
  } else {
    const fields = copy as Record<PropertyKey, unknown>
    for (const key of Reflect.ownKeys(copy)) {
      const field = fields[key]
      if (typeof field === 'object') fields[key] = copyOf(field)
    }
  }
}

/** The names of the methods that change a Map, a Set or a Date. */
const changes = /^(set|add|delete|clear|getOrInsert)/

/** Object.freeze does not protect the contents of a Map, a Set or a Date: their methods would still change them. */
function freeze(copy: object): void {
  if (copy instanceof Map || copy instanceof Set || copy instanceof Date) {
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(copy)).filter(name => changes.test(name))
    for (const method of methods) Object.defineProperty(copy, method, { value: throwForChange })
  }
  Object.freeze(copy)
}

function throwForChange(): never {
  throw new TypeError('It is frozen, because all readers of the secret share it: change a copy.')
}
