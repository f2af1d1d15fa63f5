import { randomBytes } from 'node:crypto'
import { isRecord } from './input.js'
import type { NewValue } from './operations/new-version.js'
import { randomPassword } from './operations/random-password.js'

/** The value of a secret in a test; an object is stored as JSON. */
export type FakeSecretValue = string | Uint8Array | object

const passwordOptions = { ExcludePunctuation: true }

/** A test's value as the store keeps it. */
export function toNewValue(value: FakeSecretValue): NewValue {
  if (typeof value === 'string') return { string: value }
  return value instanceof Uint8Array ? { binary: value } : { string: JSON.stringify(value) }
}

/** A new value similar to the old one: a new `password` in an object that has one, otherwise new text or new bytes. */
export function rotatedValue({ string = '', binary }: NewValue): NewValue {
  if (binary !== undefined) return { binary: Uint8Array.from(randomBytes(binary.length)) }
  const fields = parseObject(string)
  if (typeof fields?.password !== 'string') return { string: randomPassword(passwordOptions) }
  return { string: JSON.stringify({ ...fields, password: randomPassword(passwordOptions) }) }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
