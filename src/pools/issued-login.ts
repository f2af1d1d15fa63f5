import { SecretCacheError } from '../core/failures/errors.js'
import type { IssuedLogin } from './login-source.js'

const times = ['loginUntil', 'sessionMs', 'accountUntil'] as const

/** Checks what an issuer or a source has returned. Throws ERR_SECRET_FORMAT with the names of the fields that are wrong. */
export function checkIssued(issued: unknown, owner: string): asserts issued is IssuedLogin {
  const fields = (issued ?? {}) as Partial<IssuedLogin>
  const { id } = fields
  const wrong: string[] = (['username', 'password'] as const).filter(name => !isLine(fields[name]))
  if (id !== undefined && !isLine(id)) wrong.push('id')
  wrong.push(...times.filter(name => fields[name] !== undefined && !isTime(fields[name])))
  if (wrong.length === 0) return
  throw new SecretCacheError({
    code: 'ERR_SECRET_FORMAT',
    message: `What ${owner} returned is not a login: see ${wrong.join(', ')}.`,
    hint: 'It must be { username, password, id?, loginUntil?, sessionMs?, accountUntil? }: strings that are not empty, without line breaks, and times in milliseconds.',
  })
}

/** No login contains a line break or a NUL, at which the protocols of the databases would cut it. */
function isLine(value: unknown): boolean {
  return typeof value === 'string' && /^[^\0\r\n]+$/.test(value)
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value > 0
}
