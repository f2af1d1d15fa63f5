import { describe, expect, it } from 'vitest'
import type { Session } from '../../../src/rotation/database/database.js'
import { databaseEngine } from '../../../src/rotation/database/database-engine.js'
import { createRotationHandler, type RotationStrategy } from '../../../src/rotation/index.js'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { appSecret, masterSecret, memoryDatabase } from './support.js'

/** The steps of a rotation whose sessions behave as they are told here; `open` has those that were not closed. */
function rotationWith(
  change: (session: Session) => Partial<Session> = () => ({}),
  { strategy = 'single-user' as RotationStrategy, db = appSecret as object } = {},
) {
  const database = memoryDatabase({ app: 'one', root: 'top' })
  const open = new Set<Session>()
  const connect = database.connect
  database.connect = async login => {
    const real = await connect(login)
    const session: Session = {
      ...real,
      async close() {
        open.delete(session)
      },
      ...change(real),
    }
    open.add(session)
    return session
  }
  const fake = new FakeSecretsManager({ secrets: { db, master: masterSecret } })
  const { username, password } = { username: strategy === 'single-user' ? 'app' : 'app_clone', password: 'two' }
  const { versionId, arn } = fake.put('db', { ...db, username, password }, { versionStages: ['AWSPENDING'] })
  const log: string[] = []
  const handler = createRotationHandler({
    engine: databaseEngine(database, {}),
    client: fake.client(),
    strategy,
    log: ({ type }) => log.push(type),
  })
  const call = (Step: 'setSecret' | 'testSecret' | 'finishSecret' = 'setSecret') =>
    handler({ Step, SecretId: arn, ClientRequestToken: versionId }).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    )
  return { call, open, log, database, arn, fake }
}

describe('no session is left open', () => {
  it.each(['single-user', 'alternating-users'] as const)('by the steps of a %s rotation', async strategy => {
    const { call, open } = rotationWith(undefined, { strategy })
    for (const step of ['setSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) expect(await call(step)).toBeUndefined()
    expect(open.size).toBe(0)
  })

  it.each(['single-user', 'alternating-users'] as const)('by a %s rotation whose work fails', async strategy => {
    const fails = async () => {
      throw Object.assign(new Error('planted-value'), { code: '57014' })
    }
    const { call, open, arn } = rotationWith(() => ({ changeOwnPassword: fails, provideUser: fails }), { strategy })
    const what = strategy === 'single-user' ? 'set the password of user app' : 'provide user app_clone like app'
    expect(await call()).toMatchObject({
      code: 'ERR_ROTATION_STEP',
      secretId: arn,
      message: `Unable to ${what}: a statement took too long, perhaps because a lock was not free in time`,
    })
    expect(open.size).toBe(0)
  })

  it('by a login that a pooler lets in and the server refuses with the first query', async () => {
    const { call, open } = rotationWith(() => ({
      account: async () => {
        throw Object.assign(new Error('no'), { code: '28P01' })
      },
    }))
    expect((await call())?.message).toContain('Unable to log into database with previous, current, or pending secret')
    expect(open.size).toBe(0)
  })
})

it('a session that cannot be closed fails nothing', async () => {
  const { call } = rotationWith(() => ({ close: () => Promise.reject(new Error('gone')) }))
  for (const step of ['setSecret', 'testSecret', 'finishSecret'] as const) expect(await call(step)).toBeUndefined()
})

it('every login without TLS is logged, and none with it', async () => {
  const plain = rotationWith(undefined, { db: { ...appSecret, ssl: false } })
  await plain.call()
  await plain.call('testSecret')
  expect(plain.log).toEqual(['plaintext', 'plaintext', 'done', 'plaintext', 'done'])
  const secure = rotationWith()
  await secure.call()
  await secure.call('testSecret')
  expect(secure.log).toEqual(['done', 'done'])
})
