import { describe, expect, it } from 'vitest'
import type { RotationStrategy } from '../../../src/rotation/index.js'
import { appSecret, masterSecret, memoryDatabase, rotatingIn } from './support.js'

/** A rotation that fails, because `mistake` is in the secret, and is attempted again once that is corrected. */
async function correct(strategy: RotationStrategy, mistake: object) {
  const database = memoryDatabase({ app: 'one', root: 'top' })
  const setup = rotatingIn(database, { db: { ...appSecret, ...mistake }, master: masterSecret }, strategy)
  await setup.rotate('db').catch(() => {})
  setup.fake.put('db', appSecret)
  database.notes.length = 0
  return { ...setup, database, error: await setup.rotate('db').catch((reason: unknown) => reason as Error) }
}

describe.each(['single-user', 'alternating-users'] as const)(
  'a secret that is corrected after a failed %s rotation',
  strategy => {
    it.each([
      ['a password', { password: 'wrong', note: 'old' }],
      ['a master', { password: 'wrong', masterarn: 'nobody' }],
      ['a dbname', { password: 'wrong', dbname: 'typo' }],
    ])('(%s) is not set back to the mistake by the next attempt', async (_, mistake) => {
      const { error, database, read } = await correct(strategy, mistake)
      expect(error).toMatchObject({
        code: 'ERR_ROTATION_STEP',
        hint: expect.stringContaining('emove the label AWSPENDING from the version'),
      })
      expect(String(error)).not.toMatch(/note|old|nobody|typo/)
      expect(read('db')).toEqual(appSecret)
      expect(Object.fromEntries(database.users)).toEqual({ app: 'one', root: 'top' })
    })
  },
)

it('a single user whose password is set by then is rotated to the end: nothing else opens the database', async () => {
  const database = memoryDatabase({ app: 'one' })
  let edited = false
  const { rotate, read, fake } = rotatingIn(database, { db: appSecret }, 'single-user', {}, async step => {
    if (step !== 'testSecret' || edited) return
    edited = true
    fake.put('db', { ...appSecret, note: 'new' })
    throw new Error('cut off')
  })
  await rotate('db').catch(() => {})
  await rotate('db')
  expect(database.users.get('app')).toBe(read('db').password)
})

it('attempts without the master make no login as the other user, whom they would lock', async () => {
  const database = memoryDatabase({ app: 'one', root: 'changed' })
  const { rotate } = rotatingIn(database, { db: appSecret, master: masterSecret }, 'alternating-users')
  for (let attempt = 1; attempt <= 3; attempt += 1) await expect(rotate('db')).rejects.toThrow('master secret')
  expect(database.notes.filter(note => note.includes('app_clone'))).toEqual([])
})
