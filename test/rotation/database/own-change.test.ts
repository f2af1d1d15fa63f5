import { describe, expect, it } from 'vitest'
import type { Login, OwnPasswordChange, Session } from '../../../src/rotation/database/database.js'
import { databaseEngine } from '../../../src/rotation/database/database-engine.js'
import { createRotationHandler } from '../../../src/rotation/index.js'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { appSecret, masterSecret, memoryDatabase } from './support.js'

const { masterarn: _, ...withoutMaster } = appSecret

interface Scene {
  /** The passwords that the server takes, by user. */
  passwords: Record<string, readonly string[]>
  current?: object
  previous?: object
  /** What the session does when it is to change, or to complete the change of, its own password. */
  work?(change: OwnPasswordChange): unknown
}

/** A setSecret of a single user, whose AWSPENDING has the password `two`. */
async function setSecret({ passwords, current = appSecret, previous, work = () => {} }: Scene) {
  const notes: string[] = []
  const database = memoryDatabase({})
  database.connect = async ({ username, password, host, port, tls }: Login): Promise<Session> => {
    notes.push(`login ${username} ${password}${host === 'db.example' && port === 1_234 && tls ? '' : ' elsewhere'}`)
    if (!passwords[username]?.includes(password)) throw Object.assign(new Error('no'), { code: '28P01' })
    const works = (name: string) => async (to: string, change: OwnPasswordChange) => {
      notes.push(`${username} ${name} ${change.username} from ${change.current} to ${to}`)
      const result = await work(change)
      if (result !== undefined) notes.push(String(result))
    }
    return {
      account: async () => `${username}@server`,
      changeOwnPassword: works('changes'),
      completeOwnChange: works('completes'),
      provideUser: async () => {},
      close: async () => {},
    }
  }
  const fake = new FakeSecretsManager({ secrets: { db: previous ?? current, master: masterSecret } })
  if (previous !== undefined) fake.put('db', current)
  const { versionId, arn } = fake.put('db', { ...current, password: 'two' }, { versionStages: ['AWSPENDING'] })
  const log: string[] = []
  const handler = createRotationHandler({
    engine: databaseEngine(database, {}),
    client: fake.client(),
    log: ({ type }) => log.push(type),
  })
  const error = await handler({ Step: 'setSecret', SecretId: arn, ClientRequestToken: versionId }).catch(
    (reason: unknown) => reason as Error,
  )
  return { notes, log, error, arn }
}

it('a password that is set already is completed, which may have been interrupted, and counts as no change', async () => {
  const { notes, log, error } = await setSecret({ passwords: { app: ['two'] } })
  expect([error, notes, log]).toEqual([undefined, ['login app two', 'app completes app from two to two'], ['unchanged']])
})

it('a password that was set by the current one counts as a change', async () => {
  const { notes, log, error } = await setSecret({ passwords: { app: ['one'] } })
  const expected = ['login app two', 'login app one', 'app changes app from one to two']
  expect([error, notes, log]).toEqual([undefined, expected, ['done']])
})

const denied = () => {
  throw Object.assign(new Error('planted-value'), { code: '42501' })
}

it('what the server says against a change is told with the name of the user', async () => {
  const { error, arn } = await setSecret({ passwords: { app: ['one'] }, work: denied })
  const message = expect.stringMatching(/^Unable to set the password of user app: permission denied\. /)
  expect(error).toMatchObject({ code: 'ERR_ROTATION_STEP', secretId: arn, message })
})

it('and what it says against completing one is told with that of the secret', async () => {
  const { error, arn } = await setSecret({ passwords: { app: ['two'] }, work: denied })
  const words = `Unable to log into database with previous, current, or pending secret of secret arn ${arn}: permission denied. `
  expect(error).toMatchObject({ code: 'ERR_ROTATION_STEP', secretId: arn, message: expect.stringContaining(words) })
})

describe('work as the master, for what a user may not do to itself,', () => {
  const asMaster = ({ asMaster: as }: OwnPasswordChange) =>
    as?.(async (session, account) => {
      throw new Error(`${await session.account()} for ${account}`)
    }).catch((reason: unknown) => String((reason as Error).message))

  it('begins with a login as the user, by the password that works, and as the master', async () => {
    const tried: string[] = []
    const { notes } = await setSecret({
      passwords: { app: ['one'], root: ['top'] },
      work: change => change.asMaster?.(async (session, account) => void tried.push(await session.account(), account)),
    })
    expect(notes.slice(2)).toEqual(['app changes app from one to two', 'login app one', 'login root top'])
    expect(tried).toEqual(['root@server', 'app@server'])
  })

  it('uses the new password where that is set already', async () => {
    const { notes } = await setSecret({ passwords: { app: ['two'], root: ['top'] }, work: asMaster })
    expect(notes.slice(0, 4)).toEqual(['login app two', 'app completes app from two to two', 'login app two', 'login root top'])
  })

  it('fails in our own words', async () => {
    const { notes } = await setSecret({ passwords: { app: ['one'], root: ['top'] }, work: asMaster })
    expect(notes.at(-1)).toBe('Unable to set the password of user app: the driver gave no known reason')
  })

  it('is not there where the secret names no master', async () => {
    const { notes } = await setSecret({
      passwords: { app: ['one'] },
      current: withoutMaster,
      work: change => `as master: ${change.asMaster}`,
    })
    expect(notes.at(-1)).toBe('as master: undefined')
  })

  it('is refused where the user is the master itself', async () => {
    const { notes } = await setSecret({
      passwords: { root: ['one'] },
      current: { ...appSecret, username: 'root' },
      work: asMaster,
    })
    expect(notes.at(-1)).toMatch(/^The user root is the master of secret master, which no other rotation may change/)
  })
})

describe('whether an older password still opens the account', () => {
  const work = (change: OwnPasswordChange) => change.opensByOlder()
  const zero = { ...appSecret, password: 'zero' }

  it.each<[string, Scene, string[]]>([
    ['that of AWSCURRENT does', { passwords: { app: ['two', 'one'] } }, ['login app one', 'true']],
    ['that of AWSCURRENT does not', { passwords: { app: ['two'] } }, ['login app one', 'false']],
    [
      'that of AWSPREVIOUS does',
      { passwords: { app: ['two', 'zero'] }, previous: zero },
      ['login app one', 'login app zero', 'true'],
    ],
    ['neither does', { passwords: { app: ['two'] }, previous: zero }, ['login app one', 'login app zero', 'false']],
    [
      'AWSPREVIOUS is of another user',
      { passwords: { app: ['two', 'zero'] }, previous: { ...zero, username: 'other' } },
      ['login app one', 'false'],
    ],
    [
      'AWSPREVIOUS is of another host',
      { passwords: { app: ['two', 'zero'] }, previous: { ...zero, host: 'other.example' } },
      ['login app one', 'false'],
    ],
    [
      'AWSPREVIOUS is no secret of a database',
      { passwords: { app: ['two', 'zero'] }, previous: { note: 'zero' } },
      ['login app one', 'false'],
    ],
  ])('is asked after a completed change: %s', async (_, scene, expected) => {
    const { notes } = await setSecret({ ...scene, work })
    expect(notes.slice(2)).toEqual(expected)
  })

  it.each<[string, Scene, string[]]>([
    ['the one of this login is not older', { passwords: { app: ['one'] } }, ['false']],
    ['that of AWSPREVIOUS is', { passwords: { app: ['one', 'zero'] }, previous: zero }, ['login app zero', 'true']],
    [
      'the new one, if AWSPREVIOUS has it, is not',
      { passwords: { app: ['one'] }, previous: { ...appSecret, password: 'two' } },
      ['false'],
    ],
  ])('is asked before a change by the current password: %s', async (_, scene, expected) => {
    const { notes } = await setSecret({ ...scene, work })
    expect(notes.slice(3)).toEqual(expected)
  })
})
