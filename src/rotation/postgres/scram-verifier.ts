import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { RotationRefusal } from '../rotation-error.js'

const iterations = 4_096
const keyBytes = 32
const saltBytes = 16

/**
 * The SCRAM-SHA-256 verifier of a password, as PostgreSQL keeps it (RFC 5802, RFC 7677): the server can check the password by it and
 * never gets to see it, nor does its log.
 *
 * Printable ASCII only: SASLprep (RFC 4013), which the RFC asks for, leaves that as it is and changes much else.
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
