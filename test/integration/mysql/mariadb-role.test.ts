import { expect, it } from 'vitest'
import { useTestDatabase } from './database.js'
import { pairs } from './pair.js'

const database = useTestDatabase()
const { ask, pairOf } = pairs(database)

it('a role of the name of either user is no account of theirs', async () => {
  const { user, rotate, read, notRotated } = pairOf(await database.makeUser())
  for (const role of [user.username, `${user.username}_clone`]) await ask(`CREATE ROLE ${role}`)
  for (let turn = 0; turn < 2; turn += 1) await rotate('db')
  await expect(database.query(read('db'), 'SELECT 1')).resolves.toBeDefined()
  expect(notRotated()).toEqual([])
})
