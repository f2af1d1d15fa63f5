export type { DatabaseEngineOptions, MasterAddress } from './database/database.js'
export type {
  RotationContext,
  RotationEngine,
  RotationLogEvent,
  RotationStrategy,
  WithCurrent,
  WithPending,
} from './engine.js'
export type { MysqlConnection, MysqlConnectionConfig, MysqlDriver } from './mysql/driver.js'
export { type MysqlEngineOptions, mysql } from './mysql/mysql.js'
export type { PasswordOptions } from './password.js'
export type { PgClient, PgClientConfig, PgDriver } from './postgres/driver.js'
export { type PostgresEngineOptions, postgres } from './postgres/postgres.js'
export type { RotationEvent } from './rotation-event.js'
export { createRotationHandler, type RotationHandler } from './rotation-handler.js'
export type { RotationHandlerOptions } from './rotation-options.js'
