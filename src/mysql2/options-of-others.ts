const ofPg = 'It is an option of pg; mysql2 has no counterpart.'

/** Pool options of other drivers that mysql2 would ignore, with what to use instead. */
export const optionsOfOthers: Readonly<Record<string, string>> = {
  max: 'In mysql2 it is connectionLimit.',
  min: 'mysql2 opens no connections in advance, and keeps up to maxIdle idle ones.',
  connectionTimeoutMillis: 'In mysql2 it is connectTimeout.',
  idleTimeoutMillis: 'In mysql2 it is idleTimeout.',
  acquireTimeout: 'In mysql2 it is connectTimeout.',
  acquireTimeoutMillis: 'In mysql2 it is connectTimeout.',
  connectionString: 'In mysql2 it is uri.',
  keepAlive: 'In mysql2 it is enableKeepAlive.',
  keepAliveInitialDelayMillis: 'In mysql2 it is keepAliveInitialDelay.',
  application_name: 'It is an option of pg; mysql2 has connectAttributes.',
  maxUses: ofPg,
  maxLifetimeSeconds: ofPg,
  allowExitOnIdle: ofPg,
  query_timeout: ofPg,
  statement_timeout: ofPg,
  idle_in_transaction_session_timeout: ofPg,
}
