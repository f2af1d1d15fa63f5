import { expect, it } from 'vitest'
import { appSecret, memoryDatabase, rotatingIn } from './support.js'

/** A secret whose AWSPENDING is given, and its rotation's setSecret. */
async function setSecret({
  database = memoryDatabase({ app: 'one' }),
  current = appSecret as object,
  previous = undefined as object | undefined,
  pending = { ...appSecret, password: 'two' } as object,
}) {
  const setup = rotatingIn(database, { db: previous ?? current }, 'single-user')
  if (previous !== undefined) setup.fake.put('db', current)
  const { versionId, arn } = setup.fake.put('db', pending, { versionStages: ['AWSPENDING'] })
  const event = { Step: 'setSecret', SecretId: arn, ClientRequestToken: versionId } as const
  const error = await setup.handler(event).then(
    () => undefined,
    (reason: unknown) => reason as Error,
  )
  return { database, error, arn }
}

it('tries the pending password first, and leaves it at that if it works', async () => {
  const { database, error } = await setSecret({ database: memoryDatabase({ app: 'two' }) })
  expect(error).toBeUndefined()
  expect(database.notes).toEqual(['login app two'])
})

it('then sets it, logged in by the current password', async () => {
  const { database } = await setSecret({})
  expect(database.notes).toEqual(['login app two', 'login app one', 'app sets app'])
  expect(database.users.get('app')).toBe('two')
})

it('or by the previous one, with the TLS of the current one', async () => {
  const { database } = await setSecret({
    database: memoryDatabase({ app: 'zero' }),
    previous: { ...appSecret, password: 'zero', ssl: false },
  })
  expect(database.notes).toEqual(['login app two', 'login app one', 'login app zero', 'app sets app'])
})

it.each([
  ['another port', { port: 6_666 }],
  ['another dbname', { dbname: 'typo' }],
  ['no TLS', { ssl: false }],
])('changes nothing by the previous one if the current one, which opens nothing, leads to %s', async (_, elsewhere) => {
  const current = { ...appSecret, ...elsewhere }
  const { database, error } = await setSecret({
    database: memoryDatabase({ app: 'zero' }, {}),
    previous: { ...appSecret, password: 'zero' },
    current,
    pending: { ...current, password: 'two' },
  })
  expect(error?.message).toContain('than those of the previous version')
  expect(database.notes.filter(note => note.includes('zero') || note.includes('sets'))).toEqual([])
})

it('refuses if none of them works, and says so in the words of the templates', async () => {
  const { error, arn, database } = await setSecret({
    database: memoryDatabase({ app: 'other' }),
    previous: { ...appSecret, password: 'zero' },
  })
  expect(error).toMatchObject({
    code: 'ERR_ROTATION_STEP',
    message: expect.stringContaining(
      `Unable to log into database with previous, current, or pending secret of secret arn ${arn}`,
    ),
    cause: expect.objectContaining({ code: '28P01' }),
  })
  expect(database.notes).toEqual(['login app two', 'login app one', 'login app zero'])
})

it('a previous version that is no secret of this database counts as none', async () => {
  const { error } = await setSecret({ database: memoryDatabase({ app: 'other' }), previous: { note: 'not a database' } })
  expect(error?.message).toContain('Unable to log into database with previous, current, or pending secret')
})

it('does not go on with other passwords if the database cannot be reached', async () => {
  const away = { ...appSecret, port: 1 }
  const { error, database } = await setSecret({ current: away, pending: { ...away, password: 'two' } })
  expect(error).toMatchObject({ cause: expect.objectContaining({ code: 'ECONNREFUSED' }) })
  expect(database.notes).toEqual(['login app two'])
})

const again =
  '. If AWSPENDING opens the database, undo that change of AWSCURRENT until the rotation has ended. Otherwise: Remove the label AWSPENDING from the version, and rotate again: the next rotation starts from the present AWSCURRENT.'
const mend = '. The current version does not open the database: put working credentials into the secret, and rotate again.'

it.each([
  [
    'pending',
    'user',
    { pending: { ...appSecret, username: 'root' } },
    `Attempting to modify user root other than current user app${again}`,
  ],
  [
    'pending',
    'host',
    { pending: { ...appSecret, host: 'evil.example' } },
    `Attempting to modify user for host evil.example other than current host db.example${again}`,
  ],
  [
    'previous',
    'user',
    { previous: { ...appSecret, username: 'root' } },
    `Attempting to modify user app other than previous valid user root${mend}`,
  ],
  [
    'previous',
    'host',
    { previous: { ...appSecret, host: 'evil.example' } },
    `Attempting to modify user for host db.example other than previous host evil.example${mend}`,
  ],
])('a %s version with another %s is refused before any login by it', async (_, __, secrets, message) => {
  const { error, database } = await setSecret({ database: memoryDatabase({ app: 'other' }), ...secrets })
  expect(error?.message).toBe(message)
  expect(database.notes.filter(note => /evil|root/.test(note))).toEqual([])
})

it.each([{ port: 6_666 }, { dbname: 'elsewhere' }, { ssl: false }])(
  'a pending version that leads elsewhere than the current one, by %j, is refused before any login',
  async change => {
    const { error, database } = await setSecret({ pending: { ...appSecret, password: 'two', ...change } })
    expect(error?.message).toContain(
      'Attempting to modify user app by another port, dbname or ssl than those of the current version',
    )
    expect(database.notes).toEqual([])
  },
)

it('testSecret logs in by the pending password, and fails in the words of the templates', async () => {
  const { fake, handler } = rotatingIn(memoryDatabase({ app: 'one' }), { db: appSecret }, 'single-user')
  const { versionId, arn } = fake.put('db', { ...appSecret, password: 'two' }, { versionStages: ['AWSPENDING'] })
  await expect(handler({ Step: 'testSecret', SecretId: arn, ClientRequestToken: versionId })).rejects.toThrow(
    `Unable to log into database with pending secret of secret ARN ${arn}`,
  )
})
