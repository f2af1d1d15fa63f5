import type { RotationContext, RotationEngine, WithCurrent, WithPending } from '../engine.js'
import { alternateOf, setAlternatingUsers } from './alternating-users.js'
import type { Database, DatabaseEngineOptions } from './database.js'
import { canLogIn, proveLogin } from './log-in.js'
import { missing, readDatabaseSecret } from './rotated-secret.js'
import { setSingleUser } from './single-user.js'

/** The engine of a kind of database, for both strategies. */
export function databaseEngine(database: Database, options: Pick<DatabaseEngineOptions, 'locateMaster'>): RotationEngine {
  return {
    async createSecret(context: RotationContext & WithCurrent) {
      const { secretId, strategy } = context
      const { fields, login, masterarn } = readDatabaseSecret(context.current, { secretId, database })
      if (strategy === 'single-user') return JSON.stringify({ ...fields, password: await context.createPassword() })
      if (masterarn === undefined) throw missing('masterarn', secretId)
      const username = alternateOf(login.username, { secretId, database })
      return JSON.stringify({ ...fields, username, password: await context.createPassword() })
    },

    setSecret(context: RotationContext & WithCurrent & WithPending) {
      return context.strategy === 'single-user'
        ? setSingleUser(database, context, options)
        : setAlternatingUsers(database, context, options)
    },

    async testSecret(context: RotationContext & WithPending) {
      const { secretId } = context
      const { login } = readDatabaseSecret(context.pending, { secretId, database })
      await proveLogin(database, login, context, pendingFailure(secretId))
    },

    async refuses(context: RotationContext & WithPending) {
      const { secretId } = context
      const { login } = readDatabaseSecret(context.pending, { secretId, database })
      return !(await canLogIn(database, login, context, pendingFailure(secretId)))
    },
  }
}

/** With the wording of AWS's templates. */
function pendingFailure(secretId: string): string {
  return `Unable to log into database with pending secret of secret ARN ${secretId}`
}
