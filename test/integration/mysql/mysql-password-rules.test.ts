import { describe, expect, it } from 'vitest'
import { useTestDatabase } from './database.js'
import { giveUp, twoPasswords } from './two-passwords.js'

const database = useTestDatabase()
const { makeUser, rotations, opens, isShut } = twoPasswords(database)

describe('an account that has rules', () => {
  it('a user who lacks the privilege, and names no master, is rotated as before, and the log says why', async () => {
    const { masterarn: _, ...first } = await database.makeUser()
    const { rotate, read, lost } = rotations(first)
    await rotate('db')
    await opens(read('db'))
    await isShut(first)
    const reason = expect.stringMatching(
      /^the user lacks the privilege APPLICATION_PASSWORD_ADMIN, and .*masterarn.*; an older password of the account, if there is one, keeps working$/,
    )
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
    await database.admin.query(`ALTER USER ${read('db').username}@'%' IDENTIFIED BY '${read('db').password}'`)
    await rotate('db')
    for (const label of ['AWSCURRENT', 'AWSPREVIOUS']) await opens(read('db', label))
  })
})
