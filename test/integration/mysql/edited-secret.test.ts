import { expect, it } from 'vitest'
import type { DatabaseFields } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'
import { pairs } from './pair.js'

const database = useTestDatabase()
const { ask, pairOf } = pairs(database)

/** A pair whose secret was edited since the last rotation: AWSPREVIOUS is the same user's, and proves nothing of the other. */
async function makeEditedPair(turns: number) {
  const pair = pairOf(await database.makeUser())
  const { username } = pair.user
  await ask(`USE ${username}`)
  await ask('CREATE TABLE seen (a INT)')
  await ask('CREATE TABLE gone (a INT)')
  await ask(`GRANT REFERENCES ON gone TO ${username}@'%'`)
  await ask('DROP TABLE gone')
  for (let turn = 0; turn < turns; turn += 1) await pair.rotate('db')
  pair.fake.put('db', { ...pair.read<DatabaseFields>('db'), comment: 'edited' })
  return pair
}

/** What the message asks for: a version by which the other user logs in, labelled AWSPREVIOUS. */
async function prove(pair: Awaited<ReturnType<typeof makeEditedPair>>, username: string): Promise<void> {
  await ask(`ALTER USER ${username}@'%' IDENTIFIED BY 'set by an administrator'`)
  const proof = { ...pair.read('db'), username, password: 'set by an administrator' }
  pair.fake.put('db', proof, { versionStages: ['AWSPREVIOUS'] })
}

it('an edit of the secret stops no rotation to a user who would gain nothing', async () => {
  const pair = await makeEditedPair(2)
  await pair.rotate('db')
  await expect(database.query(pair.read('db'), 'SELECT 1')).resolves.toBeDefined()
})

it('the first user, who has a grant that the second lacks, is proven as the error says', async () => {
  const pair = await makeEditedPair(1)
  await expect(pair.rotate('db')).rejects.toMatchObject({
    message: expect.stringContaining('it has rights that'),
    hint: expect.stringContaining('PutSecretValue with VersionStages ["AWSPREVIOUS"]'),
  })
  await prove(pair, pair.user.username)
  await pair.rotate('db')
  expect(pair.read('db').username).toBe(pair.user.username)
})

it('the second user, who has made a view, is proven as the error says', async () => {
  const pair = await makeEditedPair(0)
  const { username } = pair.user
  await pair.rotate('db')
  await database.query(pair.read('db'), 'CREATE VIEW made AS SELECT a FROM seen')
  await pair.rotate('db')
  await ask(`GRANT SELECT ON mysql.db TO ${username}@'%'`)
  pair.fake.put('db', { ...pair.read<DatabaseFields>('db'), comment: 'edited again' })
  await expect(pair.rotate('db')).rejects.toMatchObject({
    message: expect.stringContaining('it is the definer of view'),
    hint: expect.stringContaining('PutSecretValue with VersionStages ["AWSPREVIOUS"]'),
  })
  await prove(pair, `${username}_clone`)
  await pair.rotate('db')
  expect(pair.read('db').username).toBe(`${username}_clone`)
})
