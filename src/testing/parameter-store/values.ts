import { createHash } from 'node:crypto'
import type { Parameter, ParameterVersion } from './parameter.js'

/** The value of a version as a read shows it: a SecureString is encrypted unless the caller asks for its decryption. */
export function shownValue({ arn }: Parameter, { value, type, version }: ParameterVersion, isDecrypted: boolean): string {
  return type === 'SecureString' && !isDecrypted ? ciphertext(`${arn}:${version}`) : value
}

/** Text that begins like a ciphertext of KMS. It depends on which version it is, and not on the value. */
function ciphertext(of: string): string {
  const bytes = ['one', 'two', 'three'].map(part => createHash('sha512').update(`${part} ${of}`).digest())
  return `AQICAHh${Buffer.concat(bytes).toString('base64')}`
}
