import { execFileSync } from 'node:child_process'
import { parseEnv } from 'node:util'
import { expect, it } from 'vitest'
import { excludedCharacters, randomPassword } from '../../src/rotation/password.js'
import { randomPassword as servicePassword } from '../../src/testing/operations/random-password.js'

const local = Array.from({ length: 500 }, () => randomPassword(32))
const service = Array.from({ length: 500 }, () =>
  servicePassword({ PasswordLength: 32, ExcludeCharacters: excludedCharacters, RequireEachIncludedType: true }),
)

it.each([
  ['drawn here', local],
  ['drawn by the service', service],
])('passwords %s have letters, digits and harmless punctuation, each at least once', (_, passwords) => {
  for (const password of passwords) {
    expect(password).toMatch(/^[A-Za-z0-9_.-]{32}$/)
    for (const type of [/[a-z]/, /[A-Z]/, /[0-9]/, /[-_.]/]) expect(password).toMatch(type)
  }
  expect(new Set(passwords).size).toBe(500)
})

it.each([
  ['drawn here', local],
  ['drawn by the service', service],
])('passwords %s mean themselves in a URL, a shell and a .env file, without quotes', (_, passwords) => {
  for (const password of passwords) {
    expect(new URL(`postgres://app:${password}@localhost/db?password=${password}`)).toMatchObject({
      password,
      search: `?password=${password}`,
    })
    expect(parseEnv(`PASSWORD=${password}`)).toEqual({ PASSWORD: password })
  }
  expect(execFileSync('sh', ['-c', `printf '%s ' ${passwords.join(' ')}`], { encoding: 'utf8' })).toBe(`${passwords.join(' ')} `)
})

it('a password drawn here begins with a letter, so that no program takes it for an option', () => {
  for (const password of local) expect(password).toMatch(/^[A-Za-z]/)
})

it.each([16, 128])('a password may have %i characters', length => {
  expect(randomPassword(length)).toHaveLength(length)
})
