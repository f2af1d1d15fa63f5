import { expect, it } from 'vitest'
import type { DatabaseFields } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'
import { pairs } from './pair.js'

const database = useTestDatabase()
const { ask, grantsOf, pairOf, makeMaster } = pairs(database)

const inOracleMode = "SET sql_mode = 'ORACLE'"
const makePackage = (name: string): string[] => [
  inOracleMode,
  `CREATE PACKAGE ${name} AS FUNCTION one RETURN INT; END`,
  `CREATE PACKAGE BODY ${name} AS FUNCTION one RETURN INT AS BEGIN RETURN 1; END; END`,
]

/** A user who may use a package only as its maker, and a master that may give what is in the user's database, no more. */
async function maker() {
  const user = await database.makeUser()
  const { username } = user
  await ask(`REVOKE ALL PRIVILEGES ON ${username}.* FROM ${username}@'%'`)
  await ask(`GRANT SELECT, CREATE ROUTINE ON ${username}.* TO ${username}@'%'`)
  return pairOf(user, { master: await makeMaster(`m_${username}`, [`ALL PRIVILEGES ON ${username}.*`]) })
}

it('a package that either user makes can be called, changed and dropped by both', async () => {
  const { rotate, read, notRotated } = await maker()
  const query = (...statements: string[]) => database.query(read('db') as DatabaseFields, ...statements)
  for (const name of ['of_first', 'Of_Second', 'of_first_again']) {
    await query(...makePackage(name))
    await rotate('db')
    await query(inOracleMode, `SELECT ${name}.one()`, `DROP PACKAGE BODY ${name}`, makePackage(name)[2] as string)
  }
  await query(inOracleMode, 'DROP PACKAGE of_first', 'DROP PACKAGE Of_Second')
  expect(notRotated()).toEqual([])
})

it('the rights to a package that the first user was given are those of the second, with the right to pass them on', async () => {
  const { rotate, user, notRotated } = await maker()
  const { username } = user
  await ask(`USE ${username}`)
  for (const statement of makePackage('of_admin')) await ask(statement)
  await ask(`GRANT EXECUTE ON PACKAGE of_admin TO ${username}@'%'`)
  await ask(`GRANT EXECUTE ON PACKAGE BODY of_admin TO ${username}@'%' WITH GRANT OPTION`)
  await ask("SET sql_mode = ''")
  await rotate('db')
  const grants = await grantsOf(username)
  expect(grants.filter(line => line.includes(' ON PACKAGE '))).toHaveLength(2)
  expect(await grantsOf(`${username}_clone`)).toEqual(grants)
  expect(notRotated()).toEqual([])
})
