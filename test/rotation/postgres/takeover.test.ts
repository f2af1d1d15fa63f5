import { expect, it } from 'vitest'
import { handOverStatements } from '../../../src/rotation/postgres/hand-over.js'
import { identifier, literal } from '../../../src/rotation/postgres/quoting.js'
import type { Role } from '../../../src/rotation/postgres/roles.js'
import { takeover } from '../../../src/rotation/postgres/takeover.js'

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
  ownsObjects: false,
  worksAsOther: false,
  isOpenToMaster: false,
  isOfMastersGrant: false,
  beyond: [],
  masterHas: ['CREATEROLE', 'INHERIT', 'LOGIN'],
  version: 180_004,
  ...facts,
})
const toClone = { username: 'app_clone', like: 'app', isFirst: false, isProven: false }
const toApp = { username: 'app', like: 'app_clone', isFirst: true, isProven: false }
const linked: Partial<Role> = { memberOf: ['app'], worksAsOther: true, settings: [[null, 'role=app']] }
const owning: Partial<Role> = { ...linked, ownsObjects: true, isMentioned: true }
const on15: Partial<Role> = { version: 150_018 }
const bySuperuser: Partial<Role> = { masterHas: ['SUPERUSER'] }

const limits = ["SET LOCAL lock_timeout TO '1ms'", 'SET LOCAL statement_timeout TO 0']
const reassign = 'REASSIGN OWNED BY "app_clone" TO "app"'
const asClone = ['SET LOCAL ROLE "app_clone"', reassign, 'SET LOCAL ROLE NONE']

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
    'a clone that owns something hands it over, by a superuser itself',
    toApp,
    [role('app', bySuperuser), role('app_clone', { ...owning, ...bySuperuser })],
    [...limits, reassign, password('app')],
  ],
  [
    'another master becomes the clone for that, and is given it for the moment',
    toClone,
    [role('app'), role('app_clone', owning)],
    [
      ...limits,
      'GRANT "app_clone" TO CURRENT_USER WITH INHERIT FALSE, SET TRUE',
      ...asClone,
      'REVOKE "app_clone" FROM CURRENT_USER',
      password('app_clone'),
    ],
  ],
  [
    'a membership that the master has given itself before keeps its options',
    toClone,
    [role('app'), role('app_clone', { ...owning, isOfMastersGrant: true })],
    [
      ...limits,
      'GRANT "app_clone" TO CURRENT_USER WITH SET TRUE',
      ...asClone,
      'GRANT "app_clone" TO CURRENT_USER WITH SET FALSE',
      password('app_clone'),
    ],
  ],
  [
    'a master that can become the clone is given nothing',
    toClone,
    [role('app'), role('app_clone', { ...owning, isOpenToMaster: true })],
    [...limits, ...asClone, password('app_clone')],
  ],
  [
    'before PostgreSQL 16 it is a membership without options',
    toClone,
    [role('app', on15), role('app_clone', { ...owning, ...on15 })],
    [...limits, 'GRANT "app_clone" TO CURRENT_USER', ...asClone, 'REVOKE "app_clone" FROM CURRENT_USER', password('app_clone')],
  ],
  [
    'what the first user owns stays',
    toClone,
    [role('app', { ownsObjects: true }), role('app_clone', linked)],
    [password('app_clone')],
  ],
  [
    'a clone that does not inherit the rights of the first user keeps what it owns while it is the current one',
    toApp,
    [role('app'), role('app_clone', { ...owning, worksAsOther: false })],
    [password('app')],
  ],
  [
    'and is made to inherit them when it is not',
    toClone,
    [role('app'), role('app_clone', { ...linked, worksAsOther: false, attributes: ['LOGIN'] })],
    ['ALTER ROLE "app_clone" INHERIT', 'GRANT "app" TO "app_clone" WITH INHERIT TRUE, SET TRUE', password('app_clone')],
  ],
  [
    'a pair that AWS’s template has linked the other way round stays so, on the way back',
    { ...toApp, isProven: true },
    [role('app', { memberOf: ['app_clone'], worksAsOther: true, ownsObjects: true, ...bySuperuser }), role('app_clone')],
    [...limits, 'REASSIGN OWNED BY "app" TO "app_clone"', password('app')],
  ],
  [
    'and on the way there',
    { ...toClone, isProven: true },
    [role('app', { memberOf: ['app_clone'], worksAsOther: true }), role('app_clone', { members: ['app'] })],
    [password('app_clone')],
  ],
])('%s', (_, pair, roles, statements) => {
  const { link, settings, handOver, finish, withheld } = takeover(pair, roles, verifier)
  const handingOver = handOver === undefined ? [] : handOverStatements(handOver.member, handOver.owner, 'none')
  expect([...link, ...handingOver, ...finish]).toEqual(statements)
  expect([settings, withheld]).toEqual([[], []])
})

it('a clone becomes a member before its objects are handed over', () => {
  const clone = role('app_clone', { ownsObjects: true, isMentioned: true, ...bySuperuser })
  expect(takeover({ ...toClone, isProven: true }, [role('app', bySuperuser), clone], verifier)).toEqual({
    link: ['GRANT "app" TO "app_clone" WITH INHERIT TRUE, SET TRUE'],
    settings: [],
    handOver: { member: clone, owner: 'app' },
    isClone: true,
    finish: [password('app_clone')],
    withheld: [],
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
  const plan = takeover(toClone, [role('app', first), role('app_clone', { ...linked, ...clone })], verifier)
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
