import { describe, expect, it } from 'vitest'
import type { RotationEngine, RotationStrategy } from '../../src/rotation/index.js'
import { type CrashingProcess, type CrashPoint, crashingProcess } from './crash-points.js'
import { type DatabaseFields, masterNamed, type Rotating, rotating } from './rotating.js'

/** A kind of database, as the crash tests see it. */
export interface CrashTestDatabase {
  /** A user with a database of its own. */
  makeUser(): Promise<DatabaseFields>
  masterSecret(): DatabaseFields
  engine(process: CrashingProcess): RotationEngine
  /** Rejects unless the secret opens the database, to read and to write. */
  use(secret: DatabaseFields): Promise<unknown>
}

/** What the end of every rotation must be, wherever the function was stopped, and how often its steps came. */
export function describeRepetition(strategy: RotationStrategy, database: CrashTestDatabase): void {
  describe.each(['first', 'second'] as const)(`${strategy}, in the %s rotation`, turn => {
    it('a crash before or after any call locks nobody out, and the next attempt completes the rotation', async () => {
      const whole = await prepare(turn)
      await whole.rotate('db')
      expect(whole.dying.calls).toBeGreaterThan(14)
      for (let call = 1; call <= whole.dying.calls; call += 1) {
        for (const side of ['before', 'after'] as const) {
          const place = `crashed ${side} call ${call} of ${whole.dying.calls}`
          const { rotate, repeat, revive, read, dying, events, fake } = await prepare(turn, { call, side })
          const before = read('db')
          await rotate('db').catch(() => {})
          expect(dying.crashed, place).toBe(true)
          expect(await someoneCanLogIn(read), place).toBe(true)
          revive()
          await repeat()
          await expect(database.use(read('db')), place).resolves.toBeDefined()
          expect(fake.perform('GetSecretValue', { SecretId: 'db' }).VersionId, place).toBe(events[0]?.ClientRequestToken)
          // With two users the version before goes on working; nothing may have touched it.
          if (strategy === 'alternating-users') await expect(database.use(before), place).resolves.toBeDefined()
        }
      }
    })
  })

  it(`${strategy}: every step twice in a row ends as if it had come once`, async () => {
    const user = masterNamed(await database.makeUser(), strategy)
    const options = { strategy, engine: database.engine(crashingProcess()) }
    const { rotate, read, fake } = rotating({ db: user, master: { ...database.masterSecret() } }, options, { timesEachStep: 2 })
    for (let turn = 0; turn < 3; turn += 1) {
      await rotate('db')
      await database.use(read('db'))
    }
    expect(fake.count('PutSecretValue')).toBe(3)
    expect(fake.count('UpdateSecretVersionStage')).toBe(3)
  })

  /** A rotation whose process dies at a point; in the second one the clone is there already, and the users change back. */
  async function prepare(
    turn: 'first' | 'second',
    point?: CrashPoint,
  ): Promise<Rotating & { dying: CrashingProcess; revive(): void }> {
    const user = masterNamed(await database.makeUser(), strategy)
    let process = crashingProcess()
    const engine: RotationEngine = {
      createSecret: context => database.engine(process).createSecret(context),
      setSecret: context => database.engine(process).setSecret(context),
      testSecret: context => database.engine(process).testSecret(context),
    }
    const setup = rotating({ db: user, master: { ...database.masterSecret() } }, fake => {
      const client = fake.client()
      return { strategy, engine, client: { send: command => process.call(() => client.send(command)) } }
    })
    if (turn === 'second') await setup.rotate('db')
    setup.events.length = 0
    const dying = crashingProcess(point)
    process = dying
    return { ...setup, dying, revive: () => (process = crashingProcess()) }
  }

  async function someoneCanLogIn(read: Rotating['read']): Promise<boolean> {
    const outcomes = await Promise.allSettled(['AWSCURRENT', 'AWSPENDING'].map(async label => database.use(read('db', label))))
    return outcomes.some(({ status }) => status === 'fulfilled')
  }
}
