import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { RotationRefusal } from '../rotation-error.js'

const iterations = 4_096
const keyBytes = 32
const saltBytes = 16

/**
 * The SCRAM-SHA-256 verifier of a password, as PostgreSQL stores it (RFC 5802, RFC 7677): the server can check the password with it, but
 * neither the server nor its log ever sees the password.
 *
 * Printable ASCII only: SASLprep (RFC 4013), which the RFC requires, leaves that unchanged and changes much else.
 */
export async function scramVerifier(password: string, salt: Buffer = randomBytes(saltBytes)): Promise<string> {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new RotationRefusal('the password is not printable ASCII')
  const salted = await promisify(pbkdf2)(password, salt, iterations, keyBytes, 'sha256')
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64')
  const serverKey = hmac(salted, 'Server Key').toString('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
