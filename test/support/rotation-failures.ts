import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it } from 'vitest'
import type { DatabaseEngineOptions, RotationEngine, RotationEvent, RotationLogEvent } from '../../src/rotation/index.js'
import { type DatabaseFields, rotating } from './rotating.js'

/** A kind of database, as the tests of failures see it. */
export interface FailingDatabase {
  makeUser(): Promise<DatabaseFields>
  masterSecret(): DatabaseFields
  ca(): string
  engine(options: DatabaseEngineOptions): RotationEngine
  /** Rejects unless the secret opens the database. */
  use(secret: DatabaseFields): Promise<unknown>
  /** Another server; the caller stops it. */
  start(options: { tls?: boolean; certificateFor?: string }): Promise<{ port: number; ca: string; stop(): Promise<void> }>
}

/** What a rotation must leave as it was when it fails, and what it must say. */
export function describeFailures(database: FailingDatabase): void {
  /** Rotates a user of the server after a change of its secret; resolves with the error. */
  async function failure(
    strategy: 'single-user' | 'alternating-users',
    change: (secrets: { db: DatabaseFields; master: DatabaseFields }) => void,
    options: DatabaseEngineOptions = { ca: database.ca() },
  ) {
    const user = await database.makeUser()
    const secrets = { db: { ...user, masterarn: 'master' }, master: { ...database.masterSecret() } }
    change(secrets)
    const { rotate, read } = rotating(secrets, { strategy, engine: database.engine(options) })
    const error = await rotate('db').then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ name: 'SecretCacheError', code: 'ERR_ROTATION_STEP' })
    const shown = JSON.stringify([error, String((error as Error).cause), (error as Error).stack])
    for (const { password } of [secrets.db, secrets.master, read('db', 'AWSPENDING')]) expect(shown).not.toContain(password)
    expect(read('db')).toEqual(secrets.db)
    await expect(database.use(user)).resolves.toBeDefined()
    return error as Error
  }

  it('a certificate that nobody vouched for ends the step, and a hint says what to pass', async () => {
    const error = await failure('single-user', () => {}, {})
    expect(error).toMatchObject({
      message: expect.stringContaining('not trusted'),
      hint: expect.stringContaining('global-bundle.pem'),
    })
  })

  it('a certificate for another host ends the step, though its authority is trusted', async () => {
    const other = await database.start({ certificateFor: 'elsewhere.example' })
    try {
      const move = ({ db }: { db: DatabaseFields }) => Object.assign(db, { port: other.port })
      const error = await failure('single-user', move, { ca: other.ca })
      expect(error.message).toContain('for another host')
    } finally {
      await other.stop()
    }
  })

  it('a server without TLS ends the step: there is no way back to plaintext', async () => {
    const other = await database.start({ tls: false })
    try {
      const error = await failure('single-user', ({ db }) => Object.assign(db, { port: other.port }))
      expect(error).toMatchObject({ message: expect.stringContaining('does not offer TLS') })
    } finally {
      await other.stop()
    }
  })

  it('a secret that says "ssl": false is rotated without TLS, and the log says so', async () => {
    const user = { ...(await database.makeUser()), ssl: false }
    const log: RotationLogEvent[] = []
    const { rotate, read } = rotating({ db: { ...user } }, { engine: database.engine({}), log: event => log.push(event) })
    await rotate('db')
    await expect(database.use(read('db'))).resolves.toBeDefined()
    expect(log.filter(({ type }) => type === 'plaintext').map(({ step }) => step)).toEqual([
      'setSecret',
      'setSecret',
      'testSecret',
      'finishSecret',
    ])
  })

  it.each([
    ['single-user', 'Unable to log into database with previous, current, or pending secret of secret arn'],
    ['alternating-users', 'Unable to log into database with pending secret of secret ARN'],
  ] as const)('an unreachable database fails %s with the reason', async (strategy, message) => {
    const error = await failure(strategy, ({ db }) => Object.assign(db, { port: 1 }))
    expect(error).toMatchObject({ message: expect.stringContaining(message), cause: { code: 'ECONNREFUSED' } })
    expect(error).toMatchObject({ hint: expect.stringContaining('security group') })
  })

  it.each(['single-user', 'alternating-users'] as const)(
    'finishSecret of %s moves AWSCURRENT to no version while the database is unreachable',
    async strategy => {
      const secret = { ...(await database.makeUser()), port: 1, masterarn: 'master' }
      const secrets = { db: secret, master: { ...database.masterSecret() } }
      const { rotate, read, handler, events } = rotating(secrets, { strategy, engine: database.engine({ ca: database.ca() }) })
      await expect(rotate('db')).rejects.toMatchObject({ code: 'ERR_ROTATION_STEP' })
      const [last] = events.slice(-1) as [RotationEvent]
      await expect(handler({ ...last, Step: 'finishSecret' })).rejects.toMatchObject({
        code: 'ERR_ROTATION_STEP',
        message: expect.stringContaining('AWSCURRENT stays where it is until Secrets Manager tries again'),
        cause: { code: 'ECONNREFUSED' },
        hint: expect.stringContaining('security group'),
      })
      expect(read('db')).toEqual(secret)
    },
  )

  it('a server that never answers fails the step after connectTimeoutMs', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    try {
      const { port } = silent.address() as AddressInfo
      const error = await failure('single-user', ({ db }) => Object.assign(db, { port }), { connectTimeoutMs: 50 })
      expect(error.cause).toMatchObject({ code: 'ETIMEDOUT' })
    } finally {
      silent.close()
    }
  })

  it.each([
    ['single-user', 'Unable to log into database with previous, current, or pending secret of secret arn'],
    ['alternating-users', 'Unable to log into database using current credentials for secret'],
  ] as const)('%s refuses to go on if the current user cannot log in', async (strategy, message) => {
    const error = await failure(strategy, ({ db }) => Object.assign(db, { password: 'not-this-one' }))
    expect(error).toMatchObject({
      message: expect.stringContaining(message),
      cause: { message: expect.stringContaining('rejected') },
    })
  })

  it('a master secret with a wrong password fails, and says which secret', async () => {
    const error = await failure('alternating-users', ({ master }) => Object.assign(master, { password: 'not-this-one' }))
    expect(error.message).toContain('Unable to log into database using credentials in master secret master')
  })

  it('a master that may not make users fails, with a hint about privileges', async () => {
    const plain = await database.makeUser()
    const error = await failure('alternating-users', ({ master }) => {
      Object.assign(master, { username: plain.username, password: plain.password })
    })
    expect(error).toMatchObject({
      message: expect.stringContaining('permission denied'),
      hint: expect.stringContaining('privilege'),
    })
  })
}
