/** An object from outside, of which nothing is known. */
export type Untrusted = Readonly<Record<string, unknown>>

export function isUntrusted(value: unknown): value is Untrusted {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A property that the object itself has: what it inherits is not from the event. */
export function field(object: Untrusted, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** A property that is an object; an empty one where there is none. */
export function objectField(object: Untrusted, key: string): Untrusted {
  const value = field(object, key)
  return isUntrusted(value) ? value : {}
}

/** A property that is text of a certain form. */
export function textField(object: Untrusted, key: string, form: RegExp): string | undefined {
  const value = field(object, key)
  return typeof value === 'string' && form.test(value) ? value : undefined
}
