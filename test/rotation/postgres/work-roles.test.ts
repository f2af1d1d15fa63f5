import { expect, it } from 'vitest'
import { type WorkRole, workAs } from '../../../src/rotation/postgres/work-roles.js'

const setting = (of: WorkRole['of'], database: string | null, value: string, facts: Partial<WorkRole> = {}): WorkRole => ({
  of,
  database,
  value,
  isOpenToFirst: true,
  isOpenToClone: true,
  ...facts,
})
const asApp = setting('clone', null, 'app')

it.each<[string, WorkRole[], string[]]>([
  ['a second user works as the first', [], ['SET role TO "app"']],
  ['which is set once', [asApp], []],
  [
    'one that did so in one database only does so in all',
    [setting('clone', 'db', 'app')],
    ['IN DATABASE "db" RESET role', 'SET role TO "app"'],
  ],
  ['or as what the first works as', [asApp, setting('first', null, 'Owner "1"')], ['SET role TO "Owner ""1"""']],
  ['in a database, too', [asApp, setting('first', 'db', 'owner')], ['IN DATABASE "db" SET role TO "owner"']],
  ['by the setting of the database', [asApp, setting('all', 'db', 'owner')], ['IN DATABASE "db" SET role TO "owner"']],
  ['and by that of all databases', [asApp, setting('all', null, 'owner')], ['SET role TO "owner"']],
  ['where everybody is to put on no role, it works as the first', [asApp, setting('all', null, 'none')], []],
  [
    'what is the first user’s own goes before what is everybody’s, and what is of a database before the rest',
    [
      asApp,
      ...[null, 'db', 'other'].map(database => setting('all', database, 'everybody')),
      setting('first', 'db', 'none'),
      setting('first', null, 'owner'),
    ],
    ['SET role TO "owner"', 'IN DATABASE "db" SET role TO "app"'],
  ],
  [
    'what the first user cannot become counts for nothing',
    [asApp, setting('first', null, 'gone', { isOpenToFirst: false, isOpenToClone: false }), setting('all', null, 'owner')],
    ['SET role TO "owner"'],
  ],
  [
    'what the second user has beside ends',
    [asApp, setting('clone', 'db', 'none'), setting('clone', 'other', 'stranger', { isOpenToClone: false })],
    ['IN DATABASE "db" RESET role', 'IN DATABASE "other" RESET role'],
  ],
])('%s', (_, found, changes) => {
  expect(workAs({ username: 'app_clone', like: 'app' }, found)).toEqual({
    statements: changes.map(change => `ALTER ROLE "app_clone" ${change}`),
    withheld: [],
  })
})

it('what only the first user can become is withheld', () => {
  const found = [asApp, setting('first', 'db', 'owner', { isOpenToClone: false })]
  expect(workAs({ username: 'app_clone', like: 'app' }, found)).toEqual({ statements: [], withheld: ['role'] })
})
