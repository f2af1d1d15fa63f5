import { describe, expect, it } from 'vitest'
import type { DatabaseFields } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'
import { giveUp, twoPasswords } from './two-passwords.js'

const database = useTestDatabase()
const { makeUser, rotations, opens, isShut } = twoPasswords(database)
const revoke = ({ username }: DatabaseFields) =>
  database.admin.query(`REVOKE APPLICATION_PASSWORD_ADMIN ON *.* FROM ${username}@'%'`)

/** A user who has kept the password of the version before and has lost the privilege to end it. */
async function withLeaked({ hasMaster = true, throttled = false } = {}) {
  const { masterarn, ...leaked } = await makeUser()
  const kept = rotations({ ...leaked, ...(hasMaster && { masterarn }) })
  await kept.rotate('db')
  await revoke(leaked)
  await opens(leaked)
  const alone = rotations(kept.read('db'), { keepOldPassword: false })
  alone.fake.put('db', { ...kept.read<DatabaseFields>('db', 'AWSPREVIOUS') })
  alone.fake.put('db', { ...kept.read<DatabaseFields>('db') })
  if (throttled) alone.fake.inject({ operation: 'GetSecretValue', error: 'ThrottlingException', secretId: 'master' })
  return { leaked, alone }
}

describe('with keepOldPassword: false, for a user without the privilege,', () => {
  it('the master ends the older password', async () => {
    const { leaked, alone } = await withLeaked()
    await alone.rotate('db')
    await opens(alone.read('db'))
    for (const secret of [leaked, alone.read('db', 'AWSPREVIOUS')]) await isShut(secret)
  })

  it('a fault of the master fails the step before anything is changed', async () => {
    const { leaked, alone } = await withLeaked({ throttled: true })
    const current = alone.read('db')
    await expect(alone.rotate('db')).rejects.toMatchObject({ code: 'ERR_ROTATION_STEP' })
    for (const secret of [current, leaked]) await opens(secret)
    alone.fake.recover()
    await alone.repeat()
    for (const secret of [current, leaked]) await isShut(secret)
    await opens(alone.read('db'))
  })

  it('the step fails before anything is changed where nobody may end the older password', async () => {
    const { alone } = await withLeaked({ hasMaster: false })
    const current = alone.read('db')
    await expect(alone.rotate('db')).rejects.toMatchObject({
      code: 'ERR_ROTATION_STEP',
      message: expect.stringMatching(/an older password .*APPLICATION_PASSWORD_ADMIN.*masterarn/),
      hint: expect.stringContaining('DISCARD OLD PASSWORD'),
    })
    expect(alone.read('db').password).toBe(current.password)
    await opens(current)
  })

  it('so it does where the older password is that of AWSCURRENT, beside one of a rotation that was given up', async () => {
    const { masterarn: _, ...user } = await makeUser()
    const kept = rotations(user, {
      async before(step) {
        if (step === 'testSecret') throw new Error('The function is cut off.')
      },
    })
    await expect(kept.rotate('db')).rejects.toThrow()
    giveUp(kept.fake)
    await revoke(user)
    const alone = rotations(user, { keepOldPassword: false })
    await expect(alone.rotate('db')).rejects.toThrow(/an older password/)
    await opens(alone.read('db'))
  })

  it('a user of one password is rotated, and the log says that an older one could not be ended', async () => {
    const { masterarn: _, ...user } = await makeUser()
    await revoke(user)
    const { rotate, read, log } = rotations(user, { keepOldPassword: false })
    await rotate('db')
    await opens(read('db'))
    await isShut(user)
    expect(log.filter(({ type }) => type === 'not-rotated').map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/an older password .*APPLICATION_PASSWORD_ADMIN/),
    ])
  })
})
