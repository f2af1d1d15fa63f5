import { describe, expect, inject, it } from 'vitest'
import type { DatabaseFields } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'
import { pairs } from './pair.js'

const database = useTestDatabase()
const { ask, linesOf, grantsOf, pairOf, makeMaster } = pairs(database)

const gone: [string, string, { make: string; grant: string; drop: string }][] = [
  ['table that was dropped', 'gone', { make: 'TABLE gone (a int)', grant: 'SELECT ON gone', drop: 'DROP TABLE gone' }],
  ['table that was renamed', 'gone', { make: 'TABLE gone (a int)', grant: 'INSERT ON gone', drop: 'RENAME TABLE gone TO g2' }],
  [
    'column that was dropped',
    'kept',
    { make: 'TABLE kept (a int, b int)', grant: 'SELECT (a, b), UPDATE (b), INSERT ON kept', drop: 'ALTER TABLE kept DROP b' },
  ],
  [
    'column of a view that is invalid',
    'seen',
    { make: 'VIEW seen AS SELECT a FROM base', grant: 'SELECT (a) ON seen', drop: 'DROP TABLE base' },
  ],
]
if (inject('mysqlServer') === 'mariadb')
  gone.push(['sequence that was dropped', 'sq', { make: 'SEQUENCE sq', grant: 'SELECT ON sq', drop: 'DROP SEQUENCE sq' }])

it.each(gone)('a grant on a %s stops no rotation, and the log names %s', async (_, object, { make, grant, drop }) => {
  const pair = pairOf(await database.makeUser())
  const { username } = pair.user
  await ask(`USE ${username}`)
  await ask('CREATE TABLE base (a int)')
  await ask(`CREATE ${make}`)
  await ask(`GRANT ${grant} TO ${username}@'%'`)
  await ask(drop)
  for (let turn = 0; turn < 3; turn += 1) {
    await pair.rotate('db')
    await expect(database.query(pair.read('db'), 'SELECT 1')).resolves.toBeDefined()
  }
  const told = `a grant on \`${username}\`.\`${object}\` is not copied, because the object does not exist or is invalid`
  expect(pair.notRotated()).toEqual([told, told])
  const copied = (await grantsOf(`${username}_clone`)).find(line => line.includes(`\`${object}\``))
  expect(copied).toBe(object === 'kept' ? `GRANT SELECT (\`a\`), INSERT ON \`${username}\`.\`kept\` TO USER@\`%\`` : undefined)
})

it('a grant on a column stops no rotation where the whole database was dropped', async () => {
  const pair = pairOf(await database.makeUser())
  const { username } = pair.user
  await pair.rotate('db')
  await pair.rotate('db')
  await ask(`CREATE DATABASE gone_${username}`)
  await ask(`CREATE TABLE gone_${username}.t (a int, b int)`)
  await ask(`GRANT SELECT (a, b) ON gone_${username}.t TO ${username}@'%'`)
  await ask(`DROP DATABASE gone_${username}`)
  await pair.rotate('db')
  expect(pair.read('db').username).toBe(`${username}_clone`)
  expect(pair.notRotated()).toEqual([expect.stringContaining(`a grant on \`gone_${username}\`.\`t\` is not copied`)])
})

it('nor where the definer of a view was dropped', async () => {
  const pair = pairOf(await database.makeUser())
  const { username } = pair.user
  await ask(`USE ${username}`)
  await ask('CREATE TABLE base (a int)')
  await ask(`CREATE USER definer_${username}@'%'`)
  await ask(`GRANT SELECT ON ${username}.* TO definer_${username}@'%'`)
  await ask(`CREATE DEFINER = definer_${username}@'%' VIEW seen AS SELECT a FROM base`)
  await ask(`GRANT SELECT (a) ON seen TO ${username}@'%'`)
  await ask(`DROP USER definer_${username}@'%'`)
  await pair.rotate('db')
  expect(pair.notRotated()).toEqual([expect.stringContaining('seen')])
})

it('nor where one of the tables of a MERGE table was dropped', async () => {
  const pair = pairOf(await database.makeUser())
  const { username } = pair.user
  await ask(`USE ${username}`)
  for (const table of ['one', 'two']) await ask(`CREATE TABLE ${table} (a int) ENGINE=MyISAM`)
  await ask('CREATE TABLE both_of_them (a int) ENGINE=MERGE UNION=(one, two)')
  await ask(`GRANT SELECT (a) ON both_of_them TO ${username}@'%'`)
  await ask('DROP TABLE two')
  await pair.rotate('db')
  expect(pair.notRotated()).toEqual([expect.stringContaining('both_of_them')])
})

describe('what the master may not give', () => {
  /** The user is refused with these words, and no account is left behind. */
  async function expectRefusal(user: DatabaseFields, named: RegExp) {
    const { username } = user
    const master = await makeMaster(`m_${username}`, [`ALL PRIVILEGES ON ${username}.*`])
    await expect(pairOf(user, { master }).rotate('db')).rejects.toThrow(named)
    expect(await linesOf(`SELECT User FROM mysql.user WHERE User = '${username}_clone'`)).toEqual([])
  }

  it('is named if it is a role', async () => {
    const user = await database.makeUser()
    await ask(`CREATE ROLE r_${user.username}`)
    await ask(`GRANT r_${user.username} TO ${user.username}@'%'`)
    await expectRefusal(user, /the master may give \(WITH GRANT OPTION\): `r_/)
  })

  it('is named if it is a routine', async () => {
    const user = await database.makeUser()
    const routine = `PROCEDURE mysql.p_${user.username}`
    await ask(`CREATE ${routine}() SELECT 1`)
    await ask(`GRANT EXECUTE ON ${routine} TO ${user.username}@'%'`)
    await expectRefusal(user, /the master may give \(WITH GRANT OPTION\): EXECUTE ON PROCEDURE `mysql`/)
  })

  it('is named if it is PROXY', async () => {
    const user = await database.makeUser()
    // On MySQL nobody but root could give it by a statement.
    await ask(
      `INSERT INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant, Grantor) VALUES ('%', '${user.username}', '%', 'admin', 0, '')`,
    )
    await ask('FLUSH PRIVILEGES')
    await expectRefusal(user, /the master may give \(WITH GRANT OPTION\): PROXY ON `admin`/)
  })
})
