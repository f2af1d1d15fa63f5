import { randomUUID } from 'node:crypto'
import { checkIssued } from '../pools/issued-login.js'
import type { ExpiringLogin, IssuedLogin } from '../pools/login-source.js'

/** Checks what an issuer has returned, and returns only that; the login `before` itself, if nothing has changed. */
export function loginFrom(issued: unknown, owner: string, before: ExpiringLogin | undefined): ExpiringLogin {
  checkIssued(issued, owner)
  const { username, password, loginUntil, sessionMs, accountUntil } = issued
  const id = idFor(issued, before)
  const login: ExpiringLogin = { id, username, password, loginUntil, sessionMs, accountUntil }
  const names = Object.keys(login) as (keyof ExpiringLogin)[]
  return before !== undefined && names.every(name => login[name] === before[name]) ? before : Object.freeze(login)
}

/** What follows the logins tells them apart by their ids, so one that the login before had is made unique. */
function idFor({ id, username, password }: IssuedLogin, before: ExpiringLogin | undefined): string {
  const isSame = before?.username === username && before.password === password
  if (id === undefined) return isSame ? before.id : randomUUID()
  if (before === undefined || (before.id !== id && !before.id.startsWith(`${id}/`))) return id
  return isSame ? before.id : `${id}/${randomUUID()}`
}
