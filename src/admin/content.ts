import { isPlainObject } from '../core/secrets/plain-object.js'

/** The value of a secret: text, the bytes of a binary secret, or an object or array that is written as JSON. */
export type SecretContent = string | Uint8Array | object

/** A value in the form of a request. */
export interface ValueInput {
  SecretString?: string
  SecretBinary?: Uint8Array
}

/** Copies the value: if the caller changes it during the call, the cache and the service must still have the same value. */
export function inputOf(value: SecretContent): ValueInput {
  if (typeof value === 'string') return { SecretString: value }
  if (value instanceof Uint8Array) return { SecretBinary: Uint8Array.from(value) }
  if (isPlainObject(value) || Array.isArray(value)) return { SecretString: jsonOf(value) }
  throw new TypeError(
    'The value of a secret is a string or a Uint8Array, or a plain object or an array, which is written as JSON.',
  )
}

/** The error names neither the problem nor its place: keys are part of the secret, and V8's message would contain them. */
function jsonOf(value: object): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value, (_, member: unknown) => {
      if (isLostInJson(member)) throw new TypeError('It would be lost.')
      return member
    })
  } catch {
    // Thrown below, without the original error.
  }
  if (text !== undefined) return text
  throw new TypeError(
    'The value of a secret cannot be written as JSON: it contains a BigInt, a number that is not finite, a function, a Map or another class instance, or a reference to itself.',
  )
}

/** Whether JSON cannot express a value, or only as an empty object. A member that is undefined is left out, as JSON.stringify does. */
function isLostInJson(member: unknown): boolean {
  switch (typeof member) {
    case 'bigint':
    case 'function':
    case 'symbol':
      return true
    case 'number':
      return !Number.isFinite(member)
    case 'object':
      return member !== null && !Array.isArray(member) && !isPlainObject(member)
    default:
      return false
  }
}
