import { describe, expect, inject, it } from 'vitest'
import { useTestDatabase } from './database.js'
import { giveUp, twoPasswords } from './two-passwords.js'

const isMysql = inject('mysqlServer') === 'mysql'
const database = useTestDatabase()
const { makeUser, rotations, opens, isShut } = twoPasswords(database)

/** A user who has kept the password of the version before and may keep two no more. */
async function withoutPrivilege({ hasMaster }: { hasMaster: boolean }) {
  const { masterarn: _, ...user } = await makeUser()
  const control = { givesUp: false }
  const setup = rotations(
    { ...user, ...(hasMaster && { masterarn: 'master' }) },
    {
      async before(step) {
        if (step === 'testSecret' && control.givesUp) throw new Error('given up')
      },
    },
  )
  await setup.rotate('db')
  const privilege = isMysql ? 'APPLICATION_PASSWORD_ADMIN' : 'CREATE USER'
  await database.admin.query(`REVOKE ${privilege} ON *.* FROM ${user.username}@'%'`)
  await opens(user)
  return {
    ...setup,
    user,
    control,
    notRotated: () => setup.log.filter(({ type }) => type === 'not-rotated').map(({ reason }) => reason),
  }
}

describe('a single user that has lost the privilege to keep two passwords', () => {
  it('has them kept by its master, so that the oldest ends', async () => {
    const { user, rotate, read, lost, notRotated } = await withoutPrivilege({ hasMaster: true })
    await rotate('db')
    await isShut(user)
    for (const label of ['AWSCURRENT', 'AWSPREVIOUS']) await opens(read('db', label))
    expect(lost()).toEqual([])
    expect(notRotated()).toEqual([])
  })

  it('goes on with the oldest where it has no master, and the log says so', async () => {
    const { user, rotate, read, lost, notRotated } = await withoutPrivilege({ hasMaster: false })
    await rotate('db')
    await opens(user)
    await opens(read('db'))
    await isShut(read('db', 'AWSPREVIOUS'))
    expect(lost()).toHaveLength(1)
    expect(notRotated()).toEqual([expect.stringMatching(/an older password .*keeps working.*masterarn/)])
    await rotate('db')
    await opens(user)
    // MySQL does not show it to the user, and no version of the secret has it by now.
    const told = isMysql ? lost().map(({ reason }) => reason) : notRotated()
    expect(told[1]).toMatch(/an older password .*keeps working/)
  })

  it('has it ended once its secret names a master, however many rotations later', async () => {
    const { user, rotate, read, fake } = await withoutPrivilege({ hasMaster: false })
    await rotate('db')
    await rotate('db')
    await opens(user)
    fake.put('db', { ...(read('db') as object), masterarn: 'master' })
    await rotate('db')
    await isShut(user)
    for (const label of ['AWSCURRENT', 'AWSPREVIOUS']) await opens(read('db', label))
  })

  it('loses no password that is current by rotations that are given up, one after the other', async () => {
    const { user, rotate, read, fake, control } = await withoutPrivilege({ hasMaster: true })
    await rotate('db')
    const current = read('db')
    for (const _ of [1, 2]) {
      control.givesUp = true
      await expect(rotate('db')).rejects.toThrow('given up')
      await opens(current)
      giveUp(fake)
    }
    control.givesUp = false
    await rotate('db')
    await isShut(user)
    for (const label of ['AWSCURRENT', 'AWSPREVIOUS']) await opens(read('db', label))
    expect(read('db', 'AWSPREVIOUS')).toEqual(current)
  })

  it('goes on with the oldest where its master may not change accounts, and the log says so', async () => {
    const { user, rotate, fake, notRotated } = await withoutPrivilege({ hasMaster: true })
    const master = { ...database.masterSecret(), username: `m_${user.username}`, password: 'of the master' }
    await database.admin.query(`CREATE USER ${master.username}@'%' IDENTIFIED BY '${master.password}'`)
    fake.put('master', { ...master })
    await rotate('db')
    await opens(user)
    expect(notRotated()).toEqual([expect.stringMatching(/an older password .*keeps working.*lacks it, too/)])
  })
})
