const ofPg = 'It is one of pg; mysql2 has none like it.'

/** Pool options of other drivers that mysql2 would ignore, with what to use instead. */
export const optionsOfOthers: Readonly<Record<string, string>> = {
  max: 'The one of mysql2 is connectionLimit.',
  min: 'mysql2 opens no connection ahead, and keeps maxIdle of those that are idle.',
  connectionTimeoutMillis: 'The one of mysql2 is connectTimeout.',
  idleTimeoutMillis: 'The one of mysql2 is idleTimeout.',
  acquireTimeout: 'The one of mysql2 is connectTimeout.',
  acquireTimeoutMillis: 'The one of mysql2 is connectTimeout.',
  connectionString: 'The one of mysql2 is uri.',
  keepAlive: 'The one of mysql2 is enableKeepAlive.',
  keepAliveInitialDelayMillis: 'The one of mysql2 is keepAliveInitialDelay.',
  application_name: 'It is one of pg; mysql2 has connectAttributes.',
  maxUses: ofPg,
  maxLifetimeSeconds: ofPg,
  allowExitOnIdle: ofPg,
  query_timeout: ofPg,
  statement_timeout: ofPg,
  idle_in_transaction_session_timeout: ofPg,
}
