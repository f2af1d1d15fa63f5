import { expect, it } from 'vitest'
import { useTestDatabase } from './database.js'
import { pairs } from './pair.js'

const database = useTestDatabase()
const { ask, pairOf } = pairs(database)

/** A pair whose second user would gain a right, has made a view, and has a password that expired while the first was in use. */
async function makeExpiredPair() {
  const pair = pairOf(await database.makeUser())
  const { username } = pair.user
  await pair.rotate('db')
  await database.query(pair.read('db'), 'CREATE TABLE seen (a INT)', 'CREATE VIEW made AS SELECT a FROM seen')
  await pair.rotate('db')
  await ask(`GRANT SELECT ON mysql.db TO ${username}@'%'`)
  await ask(`ALTER USER ${pair.clone} PASSWORD EXPIRE`)
  return pair
}

it('a password that has expired since proves a user like any other', async () => {
  const pair = await makeExpiredPair()
  await pair.rotate('db')
  expect(pair.read('db').username).toBe(`${pair.user.username}_clone`)
  await expect(database.query(pair.read('db'), 'SELECT * FROM made')).resolves.toBeDefined()
})

it('but not where it may be that of an anonymous account', async () => {
  const pair = await makeExpiredPair()
  await ask("CREATE USER ''@'10.99.0.1' IDENTIFIED BY 'of nobody'")
  try {
    await expect(pair.rotate('db')).rejects.toThrow('it is the definer of view')
  } finally {
    await ask("DROP USER ''@'10.99.0.1'")
  }
})
