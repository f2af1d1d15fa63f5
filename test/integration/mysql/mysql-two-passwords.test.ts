import mysqlDriver from 'mysql2/promise'
import { describe, expect, it } from 'vitest'
import { mysql, type RotationLogEvent, type RotationStrategy } from '../../../src/rotation/index.js'
import type { FakeSecretsManager } from '../../../src/testing/index.js'
import { crashingProcess } from '../../support/crash-points.js'
import { keepQuerying, type PoolWorld, playScene } from '../../support/pool-scene.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { describeRepetition } from '../../support/rotation-crashes.js'
import { useTestDatabase } from './database.js'
import { withPromises } from './open-pool.js'
import { mysqlWorld } from './world.js'

const database = useTestDatabase()
const ask = (sql: string): Promise<unknown> => database.admin.query(sql)
const refused = { code: 'ER_ACCESS_DENIED_ERROR' }

/** A user who may keep two passwords. */
async function makeUser(options = ''): Promise<DatabaseFields> {
  const user = await database.makeUser()
  await ask(`GRANT APPLICATION_PASSWORD_ADMIN ON *.* TO ${user.username}@'%'`)
  if (options !== '') await ask(`ALTER USER ${user.username}@'%' ${options}`)
  return { ...user, masterarn: 'master' }
}

interface Options {
  keepOldPassword?: boolean
  strategy?: RotationStrategy
  before?: (step: string) => Promise<void>
}

function rotations(user: DatabaseFields, { keepOldPassword, strategy, before }: Options = {}) {
  const log: RotationLogEvent[] = []
  const engine = mysql({ mysql: mysqlDriver, ca: database.server.ca, keepOldPassword })
  const secrets = { db: { ...user }, master: { ...database.masterSecret() } }
  const options = { engine, strategy, log: (event: RotationLogEvent) => log.push(event) }
  const setup = rotating(secrets, options, { before: async ({ Step }) => before?.(Step) })
  return { ...setup, log, lost: () => log.filter(({ type }) => type === 'old-password-lost') }
}

const opens = (secret: DatabaseFields) => expect(database.query(secret, 'SELECT 1')).resolves.toBeDefined()
const isShut = (secret: DatabaseFields) => expect(database.query(secret, 'SELECT 1')).rejects.toMatchObject(refused)

describe('a single user', () => {
  it('logs in with both passwords from setSecret on, and with the old one until the next rotation', async () => {
    const first = await makeUser()
    const seen = [first]
    const { rotate, read, lost } = rotations(first, {
      async before(step) {
        if (step !== 'testSecret' && step !== 'finishSecret') return
        for (const label of ['AWSCURRENT', 'AWSPENDING']) await opens(read('db', label))
      },
    })
    for (let turn = 1; turn <= 3; turn += 1) {
      await rotate('db')
      seen.push(read('db'))
      for (const secret of seen.slice(-2)) await opens(secret)
      for (const secret of seen.slice(0, -2)) await isShut(secret)
    }
    expect(lost()).toEqual([])
  })

  it('keeps AWSCURRENT working through 30 rotations that crash anywhere, are repeated or given up', async () => {
    const user = await makeUser()
    const seed = Math.floor(Math.random() * 2 ** 31)
    const random = generator(seed)
    let process = crashingProcess()
    const step =
      (name: 'createSecret' | 'setSecret' | 'testSecret') =>
      // The engine of the process that lives now.
      (context: never): never =>
        Reflect.apply(mysql({ mysql: process.mysql(mysqlDriver), ca: database.server.ca })[name], undefined, [context]) as never
    const engine = { createSecret: step('createSecret'), setSecret: step('setSecret'), testSecret: step('testSecret') }
    const secrets = { db: { ...user }, master: { ...database.masterSecret() } }
    const { rotate, repeat, read, fake } = rotating(secrets, fake => {
      const client = fake.client()
      return { engine, client: { send: command => process.call(() => client.send(command)) } }
    })
    for (let turn = 1; turn <= 30; turn += 1) {
      process = crashingProcess({ call: 1 + random(20), side: random(2) === 0 ? 'before' : 'after' })
      await rotate('db').catch(() => {})
      const place = `seed ${seed}, rotation ${turn}`
      expect(await database.query(read('db'), 'SELECT 1').catch(error => error.code), place).toEqual([[{ 1: 1 }]])
      process = crashingProcess()
      if (random(3) > 0) await repeat()
      else giveUp(fake)
      expect(await database.query(read('db'), 'SELECT 1').catch(error => error.code), place).toEqual([[{ 1: 1 }]])
    }
  })

  it('with keepOldPassword: false has one password, and none from before', async () => {
    const first = await makeUser()
    const kept = rotations(first)
    await kept.rotate('db')
    const { rotate, read, repeat, lost } = rotations(kept.read('db'), { keepOldPassword: false })
    await rotate('db')
    await repeat()
    for (const old of [first, kept.read('db')]) await isShut(old)
    await opens(read('db'))
    expect(lost()).toEqual([])
  })
})

it('a user whose turn it is again has no password left from the time as a single user', async () => {
  const first = await makeUser()
  const single = rotations(first)
  await single.rotate('db')
  const alternating = rotations(single.read('db'), { strategy: 'alternating-users' })
  await alternating.rotate('db')
  await opens(single.read('db'))
  await alternating.rotate('db')
  for (const old of [first, single.read('db')]) await isShut(old)
  await opens(alternating.read('db'))
})

describe('an account that has rules', () => {
  it('a user who lacks the privilege is rotated as before, and the log says why', async () => {
    const first = await database.makeUser()
    const { rotate, read, lost } = rotations(first)
    await rotate('db')
    await opens(read('db'))
    await isShut(first)
    const reason = 'the user lacks the privilege APPLICATION_PASSWORD_ADMIN'
    expect(lost()).toEqual([expect.objectContaining({ step: 'setSecret', reason })])
  })

  /** Rotates once and gives the next rotation up after setSecret. */
  async function rotateAndGiveUp(options: string) {
    let givesUp = false
    const setup = rotations(await makeUser(options), {
      async before(step) {
        if (step === 'testSecret' && givesUp) throw new Error('given up')
      },
    })
    await setup.rotate('db')
    givesUp = true
    await expect(setup.rotate('db')).rejects.toThrow('given up')
    giveUp(setup.fake)
    givesUp = false
    return setup
  }

  it.each(['PASSWORD HISTORY 5', 'FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME 1'])(
    'an account with %s is rotated, after a rotation that was given up, too',
    async options => {
      const { rotate, read } = await rotateAndGiveUp(options)
      await rotate('db')
      for (const label of ['AWSCURRENT', 'AWSPREVIOUS']) await opens(read('db', label))
    },
  )

  it('an account that asks for its current password is rotated; after a rotation that was given up a hint says what helps', async () => {
    const { rotate, read } = await rotateAndGiveUp('PASSWORD REQUIRE CURRENT')
    await expect(rotate('db')).rejects.toMatchObject({ hint: expect.stringContaining('administrator') })
    await opens(read('db'))
    await ask(`ALTER USER ${read('db').username}@'%' IDENTIFIED BY '${read('db').password}'`)
    await rotate('db')
    for (const label of ['AWSCURRENT', 'AWSPREVIOUS']) await opens(read('db', label))
  })
})

it('a pool under load, which opens new connections all the time, meets no failed query and no refused login', () => {
  const world: PoolWorld = { ...mysqlWorld(database), makeUser, open: withPromises(() => undefined) }
  return playScene(world, { pool: { tryPending: false } }, async ({ pool, user, events, rotation, rotate }) => {
    // The function tries the new password before it sets it: that is the one refusal of a rotation.
    for (let turn = 1; turn <= 3; turn += 1) {
      const stop = keepQuerying(pool, 10)
      const opening = keepOpening(() => rotation.read('db'))
      // Nobody tells the pool.
      await rotate({ announced: false })
      expect(await opening()).toEqual([])
      expect(await stop()).toEqual([])
      await rotate({ announced: true }).then(() => rotation.repeat())
    }
    expect(events.filter(({ type }) => type === 'refused' || type === 'window')).toEqual([])
    expect(world.refusedLogins(user.username)).toBe(6)
  })
})

/** Logs in by what is AWSCURRENT as it is read, again and again; resolves with what went wrong. */
function keepOpening(read: () => DatabaseFields): () => Promise<unknown[]> {
  return keepQuerying({ whoAmI: () => database.query(read(), 'SELECT 1').then(String) }, 2)
}

/** Takes the label from the version in the making, as one who cancels a rotation does: the next one makes a version of its own. */
function giveUp(fake: FakeSecretsManager): void {
  const { VersionIdsToStages = {} } = fake.perform('DescribeSecret', { SecretId: 'db' }) as {
    VersionIdsToStages?: Record<string, string[]>
  }
  const [pending] =
    Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes('AWSPENDING') && labels.length === 1) ?? []
  if (pending === undefined) return
  fake.perform('UpdateSecretVersionStage', { SecretId: 'db', VersionStage: 'AWSPENDING', RemoveFromVersionId: pending })
}

/** Numbers below a bound, the same ones for a seed. */
function generator(seed: number): (bound: number) => number {
  let state = seed
  return bound => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

describe('with two passwords', () => {
  describeRepetition('single-user', {
    makeUser,
    masterSecret: database.masterSecret,
    engine: process => mysql({ mysql: process.mysql(mysqlDriver), ca: database.server.ca }),
    use: secret => database.query(secret, 'SELECT 1'),
  })
})
