import { randomUUID } from 'node:crypto'
import { SecretCacheError } from '../core/failures/errors.js'
import type { ExpiringLogin, IssuedLogin } from '../pools/login-source.js'

const optionalNumbers = ['loginUntil', 'sessionMs', 'accountUntil'] as const

/** Checks what an issuer has returned, and returns only that; the login `before` itself, if nothing has changed. */
export function loginFrom(issued: unknown, owner: string, before: ExpiringLogin | undefined): ExpiringLogin {
  const { id, username, password, ...rest } = (issued ?? {}) as Partial<IssuedLogin>
  const wrong: string[] = []
  if (!isFilled(username)) wrong.push('username')
  if (!isFilled(password)) wrong.push('password')
  if (id !== undefined && !isFilled(id)) wrong.push('id')
  for (const name of optionalNumbers) if (rest[name] !== undefined && !isTime(rest[name])) wrong.push(name)
  if (wrong.length > 0) throw unusable(owner, wrong)
  const isSame = before?.username === username && before?.password === password
  const { loginUntil, sessionMs, accountUntil } = rest
  const login = {
    id: id ?? (isSame && before !== undefined ? before.id : randomUUID()),
    username: username as string,
    password: password as string,
    loginUntil,
    sessionMs,
    accountUntil,
  }
  const names = Object.keys(login) as (keyof ExpiringLogin)[]
  return before !== undefined && names.every(name => login[name] === before[name]) ? before : Object.freeze(login)
}

function unusable(owner: string, wrong: readonly string[]): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_FORMAT',
    message: `What ${owner} returned is not a login: see ${wrong.join(', ')}.`,
    hint: 'It must be { username, password, id?, loginUntil?, sessionMs?, accountUntil? }: strings that are not empty, and ends in milliseconds since the epoch.',
  })
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value > 0
}
