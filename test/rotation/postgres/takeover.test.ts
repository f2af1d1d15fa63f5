import { expect, it } from 'vitest'
import { identifier, literal } from '../../../src/rotation/postgres/quoting.js'
import type { Role } from '../../../src/rotation/postgres/roles.js'
import { takeover } from '../../../src/rotation/postgres/takeover.js'
import type { WorkRole } from '../../../src/rotation/postgres/work-roles.js'

const verifier = 'SCRAM-SHA-256$4096:salt$stored:server'
const password = (role: string) => `ALTER ROLE "${role}" PASSWORD '${verifier}'`
const role = (name: string, facts: Partial<Role> = {}): Role => ({
  name,
  attributes: ['INHERIT', 'LOGIN'],
  connectionLimit: -1,
  validUntil: null,
  settings: [],
  memberOf: [],
  members: [],
  isMentioned: false,
  worksAsOther: false,
  beyond: [],
  masterHas: ['CREATEROLE', 'INHERIT', 'LOGIN'],
  version: 180_004,
  ...facts,
})
const toClone = { username: 'app_clone', like: 'app', isFirst: false, isProven: false }
const toApp = { username: 'app', like: 'app_clone', isFirst: true, isProven: false }
const linked: Partial<Role> = { memberOf: ['app'], worksAsOther: true, settings: [[null, 'role=app']] }
/** The second user’s sessions begin as the first. */
const worksAsApp: WorkRole[] = [{ database: null, of: 'clone', value: 'app', isOpenToFirst: true, isOpenToClone: true }]
const asIt = (value: string): WorkRole => ({ database: null, of: 'clone', value, isOpenToFirst: true, isOpenToClone: true })
const on15: Partial<Role> = { version: 150_018 }
const bySuperuser: Partial<Role> = { masterHas: ['SUPERUSER'] }

it.each<[string, typeof toClone, Role[], string[]]>([
  [
    'the first rotation makes the clone, a member of the first user',
    toClone,
    [role('app')],
    ['CREATE ROLE "app_clone" LOGIN', 'GRANT "app" TO "app_clone" WITH INHERIT TRUE, SET TRUE', password('app_clone')],
  ],
  [
    'before PostgreSQL 16, where a membership has no options, too',
    toClone,
    [role('app', on15)],
    ['CREATE ROLE "app_clone" LOGIN', 'GRANT "app" TO "app_clone"', password('app_clone')],
  ],
  ['a later one changes only the password', toClone, [role('app'), role('app_clone', linked)], [password('app_clone')]],
  ['and so does the one back', toApp, [role('app'), role('app_clone', linked)], [password('app')]],
  [
    'the one back changes only the password of a first user that works as another role and has limits',
    toApp,
    [
      role('app', { settings: [[null, 'role=owner']], connectionLimit: 3, attributes: ['LOGIN'] }),
      role('app_clone', { memberOf: ['app'] }),
    ],
    [password('app')],
  ],
  [
    'what either user owns stays',
    toClone,
    [role('app', { isMentioned: true }), role('app_clone', { ...linked, isMentioned: true })],
    [password('app_clone')],
  ],
  [
    'a clone that does not inherit the rights of the first user is made to',
    toClone,
    [role('app'), role('app_clone', { ...linked, worksAsOther: false, attributes: ['LOGIN'] })],
    ['ALTER ROLE "app_clone" INHERIT', 'GRANT "app" TO "app_clone" WITH INHERIT TRUE, SET TRUE', password('app_clone')],
  ],
  [
    'a pair that AWS’s template has linked the other way round stays so, on the way back',
    { ...toApp, isProven: true },
    [role('app', { memberOf: ['app_clone'], worksAsOther: true }), role('app_clone')],
    [password('app')],
  ],
  [
    'and on the way there',
    { ...toClone, isProven: true },
    [role('app', { memberOf: ['app_clone'], worksAsOther: true }), role('app_clone', { members: ['app'] })],
    [password('app_clone')],
  ],
])('%s', (_, pair, roles, statements) => {
  const { link, settings, finish, withheld } = takeover(pair, roles, worksAsApp, verifier)
  expect([...link, ...finish]).toEqual(statements)
  expect([settings, withheld]).toEqual([[], []])
})

it.each<[string, Partial<Role>, WorkRole[]]>([
  ['objects or privileges', { memberOf: ['app'], worksAsOther: true, isMentioned: true }, []],
  ['memberships', { memberOf: ['app', 'readers'], worksAsOther: true }, []],
  ['objects, and a setting that names itself', { memberOf: ['app'], worksAsOther: true, isMentioned: true }, [asIt('app_clone')]],
  ['objects, and a setting of none', { memberOf: ['app'], worksAsOther: true, isMentioned: true }, [asIt('none')]],
  [
    'objects, and a setting without effect',
    { memberOf: ['app'], worksAsOther: true, isMentioned: true },
    [{ ...asIt('gone'), isOpenToClone: false }],
  ],
])('an existing clone with %s of its own gets a new password and nothing else', (_, clone, found) => {
  const first = role('app', { settings: [[null, 'work_mem=1MB']], attributes: ['CREATEDB', 'INHERIT', 'LOGIN'] })
  expect(takeover({ ...toClone, isProven: true }, [first, role('app_clone', clone)], found, verifier)).toEqual({
    link: [],
    settings: [],
    worksAlike: false,
    finish: [password('app_clone')],
    withheld: [],
    keepsOwnWay: true,
  })
})

it.each<[string, Partial<Role>, Partial<Role>, string[], string[]]>([
  [
    'a superuser gives every attribute but its own',
    { ...bySuperuser, attributes: ['SUPERUSER', 'CREATEDB', 'CREATEROLE', 'REPLICATION', 'BYPASSRLS', 'INHERIT', 'LOGIN'] },
    {},
    ['ALTER ROLE "app_clone" CREATEDB CREATEROLE REPLICATION BYPASSRLS'],
    [],
  ],
  [
    'a master gives the attributes that it has',
    { masterHas: ['CREATEROLE', 'BYPASSRLS'], attributes: ['CREATEDB', 'REPLICATION', 'BYPASSRLS', 'LOGIN'] },
    {},
    ['ALTER ROLE "app_clone" BYPASSRLS'],
    ['CREATEDB', 'REPLICATION'],
  ],
  [
    'before PostgreSQL 16 it gives two, which it need not have',
    { ...on15, masterHas: ['CREATEROLE', 'BYPASSRLS'], attributes: ['CREATEDB', 'CREATEROLE', 'BYPASSRLS', 'LOGIN'] },
    {},
    ['ALTER ROLE "app_clone" CREATEDB CREATEROLE'],
    ['BYPASSRLS'],
  ],
  [
    'limits and attributes that the first user has not end',
    bySuperuser,
    { attributes: ['CREATEDB', 'INHERIT', 'LOGIN'], connectionLimit: 3, validUntil: '2030-01-01 00:00:00+00' },
    [`ALTER ROLE "app_clone" NOCREATEDB CONNECTION LIMIT -1 VALID UNTIL E'infinity'`],
    [],
  ],
  ['no end and an end in infinity are the same', { validUntil: 'infinity' }, {}, [], []],
])('%s', (_, first, clone, statements, withheld) => {
  const plan = takeover(toClone, [role('app', first), role('app_clone', { ...linked, ...clone })], worksAsApp, verifier)
  expect({ link: plan.link, withheld: plan.withheld }).toEqual({ link: statements, withheld })
})

it.each<[string, Role['settings'], Role['settings'], string[]]>([
  [
    'settings are given for all databases and for single ones',
    [
      [null, 'work_mem=5MB'],
      ['My "db"', 'work_mem=6MB'],
    ],
    [],
    [
      `ALTER ROLE "app_clone" SET "work_mem" TO E'5MB'`,
      `ALTER ROLE "app_clone" IN DATABASE "My ""db""" SET "work_mem" TO E'6MB'`,
    ],
  ],
  [
    'what the first user has not is taken away, what is the same stays',
    [[null, 'work_mem=5MB']],
    [
      [null, 'work_mem=5MB'],
      ['db', 'work_mem=5MB'],
      [null, 'my.own=x=y'],
    ],
    ['ALTER ROLE "app_clone" IN DATABASE "db" RESET "work_mem"', 'ALTER ROLE "app_clone" RESET "my"."own"'],
  ],
  [
    'a list of names is given name by name',
    [[null, `search_path="$user", "a ""b"", c", 'd, e`]],
    [],
    [`ALTER ROLE "app_clone" SET "search_path" TO E'$user', E'a "b", c', E'''d', E'e'`],
  ],
  [
    'an empty one, too',
    [
      [null, 'search_path=""'],
      [null, 'temp_tablespaces='],
    ],
    [],
    [`ALTER ROLE "app_clone" SET "search_path" TO E''`, `ALTER ROLE "app_clone" SET "temp_tablespaces" TO E''`],
  ],
  [
    'whom the first user works as is not',
    [
      [null, 'role=owner'],
      ['db', 'role=owner'],
      [null, 'session_authorization=app'],
    ],
    [],
    [],
  ],
])('%s', (_, first, clone, statements) => {
  const plan = takeover(
    toClone,
    [role('app', { settings: first }), role('app_clone', { ...linked, settings: [[null, 'role=app'], ...clone] })],
    worksAsApp,
    verifier,
  )
  expect(plan.settings.map(({ statement }) => statement)).toEqual(statements)
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

it('a text with quotes and backslashes is only a text, whatever the session makes of backslashes', () => {
  expect(literal(String.raw`it's \'; DROP`)).toBe(String.raw`E'it''s \\''; DROP'`)
})
