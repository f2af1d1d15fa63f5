import { expect, it } from 'vitest'
import { identifier, type Role, takeover } from '../../../src/rotation/postgres/roles.js'

const verifier = 'SCRAM-SHA-256$4096:salt$stored:server'
const password = (role: string) => `ALTER ROLE "${role}" PASSWORD '${verifier}'`
const role = (name: string, facts: Partial<Role> = {}): Role => ({
  name,
  settings: null,
  memberOf: [],
  ownsObjects: false,
  isOurs: true,
  beyond: [],
  ...facts,
})
const toClone = { username: 'app_clone', like: 'app' }
const toApp = { username: 'app', like: 'app_clone' }
const linked = { memberOf: ['app'], settings: ['role=app', 'work_mem=64MB'] }

it.each<[string, { username: string; like: string }, Role[], string[]]>([
  [
    'the first rotation makes the clone, a member that works as the first user',
    toClone,
    [role('app')],
    [
      'CREATE ROLE "app_clone" LOGIN',
      'GRANT "app" TO "app_clone"',
      'ALTER ROLE "app_clone" SET role TO "app"',
      password('app_clone'),
    ],
  ],
  ['a later one changes only the password', toClone, [role('app'), role('app_clone', linked)], [password('app_clone')]],
  ['and so does the one back', toApp, [role('app'), role('app_clone', linked)], [password('app')]],
  [
    'a clone that owns something hands it over',
    toApp,
    [role('app'), role('app_clone', { ...linked, ownsObjects: true })],
    ["SET LOCAL lock_timeout = '3s'", 'REASSIGN OWNED BY "app_clone" TO "app"', password('app')],
  ],
  [
    'a master without the privileges of both is given them for that',
    toClone,
    [role('app', { isOurs: false }), role('app_clone', { ...linked, ownsObjects: true, isOurs: false })],
    [
      "SET LOCAL lock_timeout = '3s'",
      'GRANT "app_clone" TO CURRENT_USER',
      'GRANT "app" TO CURRENT_USER',
      'REASSIGN OWNED BY "app_clone" TO "app"',
      'REVOKE "app_clone" FROM CURRENT_USER',
      'REVOKE "app" FROM CURRENT_USER',
      password('app_clone'),
    ],
  ],
  [
    'what the owner owns stays',
    toClone,
    [role('app', { ownsObjects: true }), role('app_clone', linked)],
    [password('app_clone')],
  ],
  [
    'of two strangers the one without the suffix becomes the owner, whichever is current',
    toApp,
    [role('app'), role('app_clone')],
    ['GRANT "app" TO "app_clone"', 'ALTER ROLE "app_clone" SET role TO "app"', password('app')],
  ],
  [
    'if the first user was called _clone, it stays the owner',
    toApp,
    [role('app_clone')],
    ['CREATE ROLE "app" LOGIN', 'GRANT "app_clone" TO "app"', 'ALTER ROLE "app" SET role TO "app_clone"', password('app')],
  ],
  [
    'and later, too',
    toClone,
    [role('app_clone'), role('app', { memberOf: ['app_clone'], settings: ['role=app_clone'] })],
    [password('app_clone')],
  ],
])('%s', (_, users, roles, statements) => {
  const { link, handOver, finish } = takeover(users, roles, verifier)
  expect([...link, ...handOver, ...finish]).toEqual(statements)
})

it('a stranger becomes a member before its objects are handed over, and works as the owner only then', () => {
  expect(takeover(toApp, [role('app'), role('app_clone', { ownsObjects: true })], verifier)).toEqual({
    link: ['GRANT "app" TO "app_clone"'],
    handOver: ["SET LOCAL lock_timeout = '3s'", 'REASSIGN OWNED BY "app_clone" TO "app"'],
    finish: ['ALTER ROLE "app_clone" SET role TO "app"', password('app')],
  })
})

it.each([
  ['app', '"app"'],
  ['Us"er', '"Us""er"'],
  ['a; DROP ROLE b', '"a; DROP ROLE b"'],
])('%s is quoted as %s', (name, quoted) => {
  expect(identifier(name)).toBe(quoted)
})

it('a name with a NUL character is refused: the statement would end there', () => {
  expect(() => identifier('app\0"')).toThrow(expect.objectContaining({ name: 'RotationRefusal' }))
})
