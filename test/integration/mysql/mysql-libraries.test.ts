import { expect, it } from 'vitest'
import { useTestDatabase } from './database.js'
import { pairs } from './pair.js'

const database = useTestDatabase()
const { ask, pairOf } = pairs(database)

it('a library that either user makes can be changed and dropped by both', async () => {
  const user = await database.makeUser()
  await ask(`REVOKE ALL PRIVILEGES ON ${user.username}.* FROM ${user.username}@'%'`)
  await ask(`GRANT CREATE ROUTINE ON ${user.username}.* TO ${user.username}@'%'`)
  const { rotate, read, notRotated } = pairOf(user)
  for (const name of ['of_first', 'Of_Second', 'of_first_again']) {
    await database.query(read('db'), `CREATE LIBRARY ${name} LANGUAGE JAVASCRIPT AS 'export function one() { return 1 }'`)
    await rotate('db')
    await database.query(read('db'), `ALTER LIBRARY ${name} COMMENT 'x'`, `DROP LIBRARY ${name}`)
  }
  expect(notRotated()).toEqual([])
})
