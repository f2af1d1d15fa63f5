import { describe, expect, it } from 'vitest'
import type { DatabaseEngineOptions } from '../../../src/rotation/index.js'
import { appSecret, type MemoryDatabase, masterSecret, memoryDatabase, rotatingIn } from './support.js'

async function rotation({
  database = memoryDatabase({ app: 'one', root: 'top' }),
  db = appSecret as object,
  master = masterSecret as object,
  options = {} as DatabaseEngineOptions,
  tags = [] as { Key: string; Value: string }[],
}) {
  const setup = rotatingIn(database, { db }, 'alternating-users', options)
  setup.fake.perform('CreateSecret', { Name: 'master', SecretString: JSON.stringify(master), Tags: tags })
  const error = await setup.rotate('db').then(
    () => undefined,
    (reason: unknown) => reason as Error,
  )
  return { ...setup, database, error }
}

it('the current user has to log in before the master makes the other one', async () => {
  const { database, read, error } = await rotation({})
  expect(error).toBeUndefined()
  const { password } = read('db')
  expect(database.notes).toEqual([
    'login app one',
    'login root top',
    `login app_clone ${password}`,
    'root makes app_clone like app (app)',
    `login app_clone ${password}`,
    `login app_clone ${password}`,
  ])
  expect(read('db')).toEqual({ ...appSecret, username: 'app_clone', password: expect.any(String) })
})

it('a host is the same however its letters are written', async () => {
  const { error } = await rotation({ master: { ...masterSecret, host: 'DB.Example' } })
  expect(error).toBeUndefined()
})

describe('tells the engine that the other user is one of the pair', () => {
  const made = ({ notes }: MemoryDatabase) => notes.filter(note => note.includes(' makes ')).map(note => note.split(' makes ')[1])

  it('by the login of AWSPREVIOUS, and which is the first', async () => {
    const { database, rotate } = await rotation({})
    await rotate('db')
    await rotate('db')
    expect(made(database)).toEqual([
      'app_clone like app (app)',
      'app like app_clone (app_clone), the first, proven',
      'app_clone like app (app), proven',
    ])
  })

  it('and does not, if that login no longer works, or was never made', async () => {
    const { database, rotate } = await rotation({})
    database.users.set('app', 'changed by hand')
    await rotate('db')
    expect(made(database)).toEqual(['app_clone like app (app)', 'app like app_clone (app_clone), the first'])
    const other = memoryDatabase({ app: 'of somebody else', app_clone: 'one', root: 'top' })
    await rotation({ database: other, db: { ...appSecret, username: 'app_clone' } })
    expect(made(other)).toEqual(['app like app_clone (app_clone), the first'])
  })
})

it('refuses in the words of the templates if the current user cannot log in; the master does not even try', async () => {
  const { error, database } = await rotation({ database: memoryDatabase({ app: 'other', root: 'top' }) })
  expect(error?.message).toContain('Unable to log into database using current credentials for secret arn:')
  expect(database.notes.filter(note => note.startsWith('login root'))).toEqual([])
})

describe('of whoever writes the rotated secret, and has a server of their own at another port', () => {
  const masterLogins = ({ notes }: MemoryDatabase) => notes.filter(note => note.startsWith('login root'))

  it.each([
    ['its own secret has both', masterSecret],
    ['its own secret has neither', { ...masterSecret, port: undefined }],
  ])('the master takes neither port nor TLS, if %s', async (_, master) => {
    const database = memoryDatabase({ app: 'one', root: 'top' }, { app_clone: 'anything else' })
    await rotation({ database, db: { ...appSecret, port: 6_666, ssl: false }, master })
    expect(masterLogins(database)).toEqual(['login root top'])
  })

  it('a user is not made like one whose password only that server takes', async () => {
    const database = memoryDatabase({ app: 'one', root: 'top' }, { app: 'guessed' })
    const { error } = await rotation({ database, db: { ...appSecret, password: 'guessed', port: 6_666 } })
    expect(error?.message).toContain('Unable to log into database using current credentials for secret arn:')
    expect(masterLogins(database)).toEqual([])
  })
})

it('a master whose own secret says "ssl": false logs in without TLS', async () => {
  const { database } = await rotation({ master: { ...masterSecret, ssl: false } })
  expect(database.notes).toContain('login root top without TLS')
})

it('a master whose own secret says so in text logs in by TLS', async () => {
  const { database } = await rotation({ master: { ...masterSecret, ssl: 'false' } })
  expect(database.notes).toContain('login root top')
})

it.each([
  ['as the current user', { ...appSecret, username: 'root', password: 'top' }, { root: 'top' }],
  ['as the other user of the pair', { ...appSecret, username: 'root_clone' }, { root_clone: 'one', root: 'top' }],
])('the master is not rotated %s', async (_, db, users: Record<string, string>) => {
  const { error, database } = await rotation({ database: memoryDatabase(users), db })
  expect(error).toMatchObject({
    message: expect.stringContaining(`The user root is the master of secret master`),
    hint: expect.stringContaining('single-user'),
  })
  expect(database.notes.filter(note => note.includes('makes'))).toEqual([])
})

it.each([
  ['the master cannot log in', { master: { ...masterSecret, password: 'no' } }, 'using credentials in master secret master'],
  [
    'the master is of another host',
    { master: { ...masterSecret, host: 'other.example' } },
    'Current database host db.example is not the same host as/rds replica of master other.example',
  ],
  [
    'the master is of another engine',
    { master: { ...masterSecret, engine: 'oracle' } },
    "Database engine must be set to 'memory'",
  ],
  ['no master is named', { db: { ...appSecret, masterarn: undefined } }, 'masterarn key is missing from secret JSON'],
  ['the master secret does not exist', { db: { ...appSecret, masterarn: 'gone' } }, 'The secret gone could not be found'],
  [
    "the clone's name is too long",
    { db: { ...appSecret, username: 'fifteen-letters' } },
    'Unable to clone user, username length with _clone appended would exceed 20 characters',
  ],
])('refuses if %s, and changes nothing', async (_, change, message) => {
  const { error, database, read } = await rotation(change)
  expect(error).toMatchObject({ code: 'ERR_ROTATION_STEP', message: expect.stringContaining(message) })
  expect(database.notes.filter(note => note.includes('makes'))).toEqual([])
  expect(read('db').password).toBe('one')
})

it.each([
  ['user', { username: 'root' }, 'Attempting to modify user root other than current user or clone app'],
  [
    'host',
    { username: 'app_clone', host: 'evil.example' },
    'Attempting to modify user for host evil.example other than current host db.example',
  ],
])('a pending version with another %s is refused before any login', async (_, fields, message) => {
  const database = memoryDatabase({ app: 'one', root: 'top' })
  const { fake, handler } = rotatingIn(database, { db: appSecret, master: masterSecret }, 'alternating-users')
  const { versionId, arn } = fake.put('db', { ...appSecret, ...fields }, { versionStages: ['AWSPENDING'] })
  await expect(handler({ Step: 'setSecret', SecretId: arn, ClientRequestToken: versionId })).rejects.toThrow(message)
  expect(database.notes).toEqual([])
})

describe('a master secret that RDS manages', () => {
  const instance = 'arn:aws:rds:eu-west-1:123456789012:db:prod'
  const master = { username: 'root', password: 'top' }

  it.each(['aws:rds:primaryDBInstanceArn', 'aws:rds:primaryDBClusterArn'])('is located by its tag %s', async Key => {
    const asked: string[] = []
    const locateMaster = async (arn: string) => {
      asked.push(arn)
      return { host: 'db.example' }
    }
    const { error, database } = await rotation({ master, tags: [{ Key, Value: instance }], options: { locateMaster } })
    expect(error).toBeUndefined()
    expect(asked).toEqual([instance])
    expect(database.notes).toContain('login root top')
  })

  it('of another host than the rotated secret is refused: its password goes nowhere else', async () => {
    const tags = [{ Key: 'aws:rds:primaryDBInstanceArn', Value: instance }]
    const { error, database } = await rotation({ master, tags, options: { locateMaster: () => ({ host: 'real.example' }) } })
    expect(error?.message).toContain('is not the same host as/rds replica of master real.example')
    expect(database.notes).not.toContain('login root top')
  })

  it.each([0, 65_536, 1.5, '5432'])('with a port that is none, such as %j, fails', async port => {
    const locateMaster = () => ({ host: 'db.example', port: port as number })
    const { error } = await rotation({
      master,
      tags: [{ Key: 'aws:rds:primaryDBInstanceArn', Value: instance }],
      options: { locateMaster },
    })
    expect(error?.message).toContain('The port of master db.example is not a number')
  })

  it('without locateMaster fails, and says what to pass', async () => {
    const { error } = await rotation({ master, tags: [{ Key: 'aws:rds:primaryDBInstanceArn', Value: instance }] })
    expect(error).toMatchObject({ hint: expect.stringContaining(`locateMaster that asks RDS for the endpoint of ${instance}`) })
  })

  it('without tags is not one of RDS', async () => {
    const { error } = await rotation({ master })
    expect(error?.message).toBe('host key is missing from secret JSON')
  })
})
