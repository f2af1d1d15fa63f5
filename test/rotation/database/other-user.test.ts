import { expect, it } from 'vitest'
import type { ProvidedUser } from '../../../src/rotation/database/database.js'
import { databaseEngine } from '../../../src/rotation/database/database-engine.js'
import { createRotationHandler } from '../../../src/rotation/index.js'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { appSecret, type MemoryDatabase, masterSecret, memoryDatabase } from './support.js'

/** The setSecret of two users, which may be repeated, and what the master is asked to make. */
function prepared({
  database = memoryDatabase({ app: 'one', root: 'top' }) as MemoryDatabase,
  current = appSecret as object,
  previous = undefined as object | undefined,
  pending = { ...appSecret, username: 'app_clone', password: 'two' } as object,
} = {}) {
  const made: ProvidedUser[] = []
  const connect = database.connect
  database.connect = async login => {
    const session = await connect(login)
    return {
      ...session,
      async provideUser(user) {
        made.push(user)
        await session.provideUser(user)
      },
    }
  }
  const fake = new FakeSecretsManager({ secrets: { db: previous ?? current, master: masterSecret } })
  if (previous !== undefined) fake.put('db', current)
  const { versionId, arn } = fake.put('db', pending, { versionStages: ['AWSPENDING'] })
  const log: string[] = []
  const handler = createRotationHandler({
    engine: databaseEngine(database, {}),
    client: fake.client(),
    strategy: 'alternating-users',
    log: ({ type }) => log.push(type),
  })
  const setSecret = () => handler({ Step: 'setSecret', SecretId: arn, ClientRequestToken: versionId })
  return { database, made, log, setSecret }
}

it('a user that opens with the new password already is not made again', async () => {
  const { made, log, setSecret } = prepared()
  await setSecret()
  await setSecret()
  expect([made.length, log]).toEqual([1, ['done', 'unchanged']])
})

it('the engine can ask whether the user opens with the new password meanwhile', async () => {
  const { made, database, setSecret } = prepared()
  await setSecret()
  database.users.set('app_clone', 'three')
  expect(await made[0]?.isDone()).toBe(false)
  database.users.set('app_clone', 'two')
  expect(await made[0]?.isDone()).toBe(true)
})

const clone = { ...appSecret, username: 'app_clone', password: 'zero' }

it.each([
  ['the account that it opens', { app_clone: 'zero' }, { account: 'app_clone' }],
  ['that it has expired, if the server says so', { app_clone: 'expired' }, 'expired'],
  ['nothing, if it opens nothing', { app_clone: 'other' }, undefined],
])('the login of AWSPREVIOUS proves %s', async (_, users, proof) => {
  const database = memoryDatabase({ app: 'one', root: 'top', ...users })
  database.hasExpired = () => database.users.get('app_clone') === 'expired'
  const { made, setSecret } = prepared({ database, previous: clone })
  await setSecret()
  expect(made.map(user => user.proof)).toEqual([proof])
})

it('an AWSPREVIOUS of another host proves nothing', async () => {
  const database = memoryDatabase({ app: 'one', root: 'top', app_clone: 'zero' })
  const { made, setSecret } = prepared({ database, previous: { ...clone, host: 'other.example' } })
  await setSecret()
  expect(made.map(user => user.proof)).toEqual([undefined])
})

it('a name of exactly the longest length is allowed', async () => {
  const user = { ...appSecret, username: 'fourteen-chars' }
  const { made, setSecret } = prepared({
    database: memoryDatabase({ 'fourteen-chars': 'one', root: 'top' }),
    current: user,
    pending: { ...user, username: 'fourteen-chars_clone', password: 'two' },
  })
  await setSecret()
  expect(made.map(({ username }) => username)).toEqual(['fourteen-chars_clone'])
})

it('a secret that names no master is refused before any login', async () => {
  const { masterarn: _, ...current } = appSecret
  const { database, setSecret } = prepared({ current, pending: { ...current, username: 'app_clone', password: 'two' } })
  await expect(setSecret()).rejects.toThrow(/^masterarn key is missing from secret JSON$/)
  expect(database.notes).toEqual([])
})

it('and gets no new version in a whole rotation', async () => {
  const { masterarn: _, ...current } = appSecret
  const fake = new FakeSecretsManager({ secrets: { db: current }, rotation: event => handler(event) })
  const engine = databaseEngine(memoryDatabase({ app: 'one' }), {})
  const handler = createRotationHandler({ engine, client: fake.client(), strategy: 'alternating-users' })
  fake.perform('RotateSecret', { SecretId: 'db', RotationLambdaARN: 'arn:aws:lambda:eu-west-1:123456789012:function:rotate' })
  await fake.idle()
  expect([fake.rotations[0]?.step, fake.count('PutSecretValue')]).toEqual(['createSecret', 0])
})

it('a secret that was changed since AWSPENDING was made from it is refused before any login', async () => {
  const { database, setSecret } = prepared({ current: { ...appSecret, note: 'new' } })
  await expect(setSecret()).rejects.toThrow(
    /^The current version of the secret has been changed since AWSPENDING was made from it\. Remove the label AWSPENDING /,
  )
  expect(database.notes).toEqual([])
})
