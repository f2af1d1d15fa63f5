import mysqlDriver from 'mysql2/promise'
import { describe, expect, inject, it } from 'vitest'
import { mysql } from '../../../src/rotation/index.js'
import { crashingProcess } from '../../support/crash-points.js'
import { keepQuerying, type PoolWorld, playScene } from '../../support/pool-scene.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { describeRepetition } from '../../support/rotation-crashes.js'
import { useTestDatabase } from './database.js'
import { withPromises } from './open-pool.js'
import { giveUp, twoPasswords } from './two-passwords.js'
import { mysqlWorld } from './world.js'

const isMysql = inject('mysqlServer') === 'mysql'
const database = useTestDatabase(isMysql ? {} : { flags: { 'max-password-errors': '4' } })
const { makeUser, rotations, opens, isShut } = twoPasswords(database)

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

/** Numbers below a bound, the same ones for a seed. */
function generator(seed: number): (bound: number) => number {
  let state = seed
  return bound => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

/** A user of MariaDB who may not do it has it done by the master, whom its secret names. */
const madeByMaster = async (): Promise<DatabaseFields> => ({ ...(await database.makeUser()), masterarn: 'master' })
const makers = isMysql ? { 'by the user': makeUser } : { 'by the user': makeUser, 'by the master': madeByMaster }

describe.each(Object.entries(makers))('with two passwords, set %s', (_, makeUser) => {
  describeRepetition('single-user', {
    makeUser,
    masterSecret: database.masterSecret,
    engine: process => mysql({ mysql: process.mysql(mysqlDriver), ca: database.server.ca }),
    use: secret => database.query(secret, 'SELECT 1'),
  })
})
