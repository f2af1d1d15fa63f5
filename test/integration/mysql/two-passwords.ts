import mysqlDriver from 'mysql2/promise'
import { expect, inject } from 'vitest'
import { mysql, type RotationLogEvent, type RotationStrategy } from '../../../src/rotation/index.js'
import type { FakeSecretsManager } from '../../../src/testing/index.js'
import { type DatabaseFields, type Rotating, rotating } from '../../support/rotating.js'
import type { TestDatabase } from './database.js'

interface RotationOptions {
  keepOldPassword?: boolean
  strategy?: RotationStrategy
  before?: (step: string) => Promise<void>
}

/** The rotations of a user, with what the log was told. */
interface Rotations extends Rotating {
  log: RotationLogEvent[]
  /** What was said of passwords that are lost. */
  lost(): RotationLogEvent[]
}

/** Accounts with two passwords, and rotations of them. */
export interface TwoPasswords {
  /** A user who may keep two passwords, whose secret names a master. */
  makeUser(options?: string): Promise<DatabaseFields>
  rotations(user: DatabaseFields, options?: RotationOptions): Rotations
  opens(secret: DatabaseFields): Promise<void>
  isShut(secret: DatabaseFields): Promise<void>
}

/** What the tests of two passwords have in common. */
export function twoPasswords(database: TestDatabase): TwoPasswords {
  const privilege = inject('mysqlServer') === 'mysql' ? 'APPLICATION_PASSWORD_ADMIN' : 'CREATE USER'
  return {
    async makeUser(options = '') {
      const user = await database.makeUser()
      await database.admin.query(`GRANT ${privilege} ON *.* TO ${user.username}@'%'`)
      if (options !== '') await database.admin.query(`ALTER USER ${user.username}@'%' ${options}`)
      return { ...user, masterarn: 'master' }
    },
    rotations(user, { keepOldPassword, strategy, before } = {}) {
      const log: RotationLogEvent[] = []
      const engine = mysql({ mysql: mysqlDriver, ca: database.server.ca, keepOldPassword })
      const secrets = { db: { ...user }, master: { ...database.masterSecret() } }
      const options = { engine, strategy, log: (event: RotationLogEvent) => log.push(event) }
      const setup = rotating(secrets, options, { before: async ({ Step }) => before?.(Step) })
      return { ...setup, log, lost: () => log.filter(({ type }) => type === 'old-password-lost') }
    },
    opens: secret => expect(database.query(secret, 'SELECT 1')).resolves.toBeDefined(),
    isShut: secret => expect(database.query(secret, 'SELECT 1')).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' }),
  }
}

/** Takes the label from the version in the making, as one who cancels a rotation does: the next one makes a version of its own. */
export function giveUp(fake: FakeSecretsManager): void {
  const { VersionIdsToStages = {} } = fake.perform('DescribeSecret', { SecretId: 'db' }) as {
    VersionIdsToStages?: Record<string, string[]>
  }
  const [pending] =
    Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes('AWSPENDING') && labels.length === 1) ?? []
  if (pending === undefined) return
  fake.perform('UpdateSecretVersionStage', { SecretId: 'db', VersionStage: 'AWSPENDING', RemoveFromVersionId: pending })
}
