/** An object from outside, with unknown members. */
export type Untrusted = Readonly<Record<string, unknown>>

export function isUntrusted(value: unknown): value is Untrusted {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A property that is an object; an empty object if there is none. */
export function objectField(object: Untrusted, key: string): Untrusted {
  const value = object[key]
  return isUntrusted(value) ? value : {}
}

/** The longest id that the service accepts. */
export const longestText = 2_048

/** A property that is text of a certain form. The form need not limit the length, and matches faster without a limit. */
export function textField(object: Untrusted, key: string, form: RegExp): string | undefined {
  return textOf(object[key], form)
}

/** A value that is text of a certain form. */
export function textOf(value: unknown, form: RegExp): string | undefined {
  return typeof value === 'string' && value.length <= longestText && form.test(value) ? value : undefined
}
