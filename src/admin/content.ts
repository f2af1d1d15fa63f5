import { isPlainObject } from '../core/secrets/plain-object.js'

/** The value of a secret: text, the bytes of a binary secret, or an object or array that is written as JSON. */
export type SecretContent = string | Uint8Array | object

/** A value as the service takes it. */
export interface ValueInput {
  SecretString?: string
  SecretBinary?: Uint8Array
}

/** Takes a value as it is now: what its owner does to it while it is under way must not part the cache from the service. */
export function inputOf(value: SecretContent): ValueInput {
  if (typeof value === 'string') return { SecretString: value }
  if (value instanceof Uint8Array) return { SecretBinary: Uint8Array.from(value) }
  if (isPlainObject(value) || Array.isArray(value)) return { SecretString: jsonOf(value) }
  throw new TypeError(
    'The value of a secret is a string or a Uint8Array, or a plain object or an array, which is written as JSON.',
  )
}

/** Names neither what is wrong nor where: keys are part of the value, and V8 would name them. */
function jsonOf(value: object): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value, (_, member: unknown) => {
      if (isLostInJson(member)) throw new TypeError('It would be lost.')
      return member
    })
  } catch {
    // Told below, without what was thrown.
  }
  if (text !== undefined) return text
  throw new TypeError(
    'The value of a secret cannot be written as JSON: a BigInt, a number that is not finite, a function, a Map or another instance of a class, or a reference to itself is in it.',
  )
}

/** Whether JSON has no word for it, or an empty object. A member that is undefined is left out, as everywhere. */
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
