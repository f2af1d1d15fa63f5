import { randomUUID } from 'node:crypto'
import { checkIssued } from '../pools/issued-login.js'
import type { ExpiringLogin } from '../pools/login-source.js'

/** Checks what an issuer has returned, and returns only that; the login `before` itself, if nothing has changed. */
export function loginFrom(issued: unknown, owner: string, before: ExpiringLogin | undefined): ExpiringLogin {
  checkIssued(issued, owner)
  const { username, password, loginUntil, sessionMs, accountUntil } = issued
  const isSame = before?.username === username && before.password === password
  const id = issued.id ?? (isSame ? before.id : randomUUID())
  const login: ExpiringLogin = { id, username, password, loginUntil, sessionMs, accountUntil }
  const names = Object.keys(login) as (keyof ExpiringLogin)[]
  return before !== undefined && names.every(name => login[name] === before[name]) ? before : Object.freeze(login)
}
