import { expect, inject, it } from 'vitest'
import type { DatabaseFields } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'
import { pairs } from './pair.js'

const isMysql = inject('mysqlServer') === 'mysql'
const database = useTestDatabase({ flags: isMysql ? { 'log-bin-trust-function-creators': '1' } : {} })
const { ask, grantsOf, pairOf, makeMaster } = pairs(database)

/** A user who may use a routine only as its maker. */
async function maker(): Promise<DatabaseFields> {
  const user = await database.makeUser()
  await ask(`REVOKE ALL PRIVILEGES ON ${user.username}.* FROM ${user.username}@'%'`)
  await ask(`GRANT SELECT, CREATE ROUTINE ON ${user.username}.* TO ${user.username}@'%'`)
  return user
}

it('a routine that either user makes can be called, changed and dropped by both', async () => {
  const { rotate, read, notRotated } = pairOf(await maker())
  for (const name of ['of_first', 'of_second', 'of_first_again']) {
    await database.query(read('db'), `CREATE PROCEDURE ${name} () SELECT 1`)
    await rotate('db')
    await database.query(read('db'), `CALL ${name}()`, `ALTER PROCEDURE ${name} COMMENT 'x'`)
  }
  await database.query(read('db'), 'DROP PROCEDURE of_first', 'DROP PROCEDURE of_second')
  expect(notRotated()).toEqual([])
})

// The servers write grants on routines in lower case: of each letter as they, not JavaScript, see it.
it.each(['GetOrders', 'ÄÖ TO É', 'ΑΣ ẞ Ა', "It's `a`"])(
  'a procedure and a function of the name %s are no exception',
  async name => {
    const { rotate, read, notRotated } = pairOf(await maker())
    const quoted = `\`${name.replaceAll('`', '``')}\``
    await rotate('db')
    await database.query(
      read('db'),
      `CREATE PROCEDURE ${quoted} () SELECT 1`,
      `CREATE FUNCTION ${quoted} () RETURNS INT DETERMINISTIC RETURN 1`,
    )
    await rotate('db')
    await database.query(read('db'), `CALL ${quoted}()`, `SELECT ${quoted}()`, `DROP FUNCTION ${quoted}`)
    expect(notRotated()).toEqual([])
  },
)

it('the first user gets no right to a routine that somebody else has made', async () => {
  const user = await maker()
  const { rotate, clone } = pairOf(user)
  await rotate('db')
  await ask(`CREATE PROCEDURE ${user.username}.of_admin () SELECT 1`)
  await ask(`GRANT EXECUTE ON PROCEDURE ${user.username}.of_admin TO ${clone}`)
  const before = await grantsOf(user.username)
  await rotate('db')
  expect(await grantsOf(user.username)).toEqual(before)
})

it('the log names routines of the second user that the master may not give to the first', async () => {
  const user = await maker()
  // Enough to see the routine, but not to give it to others.
  const master = await makeMaster(`m_${user.username}`, [`SELECT, CREATE ROUTINE ON ${user.username}.*`])
  const { rotate, read, notRotated } = pairOf(user, { master })
  await rotate('db')
  await database.query(read('db'), 'CREATE PROCEDURE of_second () SELECT 1')
  await ask(`GRANT EXECUTE ON ${user.username}.* TO ${master.username}@'%'`)
  await ask(`REVOKE GRANT OPTION ON ${user.username}.* FROM ${master.username}@'%'`)
  await rotate('db')
  expect(notRotated()).toEqual([expect.stringMatching(/has no rights to .*EXECUTE.* ON PROCEDURE `.*`\.`of_second`/)])
})
