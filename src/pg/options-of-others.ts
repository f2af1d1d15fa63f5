const bound = 'pg has everybody wait, and no longer than connectionTimeoutMillis.'
const ofMysql = 'It is one of mysql2; pg has none like it.'

/** Pool options of other drivers that pg would ignore, with what to use instead. */
export const optionsOfOthers: Readonly<Record<string, string>> = {
  connectionLimit: 'The one of pg is max.',
  maxIdle: 'pg closes a connection that has been idle for idleTimeoutMillis, and keeps min of them.',
  idleTimeout: 'The one of pg is idleTimeoutMillis.',
  connectTimeout: 'The one of pg is connectionTimeoutMillis.',
  acquireTimeout: 'The one of pg is connectionTimeoutMillis.',
  acquireTimeoutMillis: 'The one of pg is connectionTimeoutMillis.',
  waitForConnections: bound,
  queueLimit: bound,
  uri: 'The one of pg is connectionString.',
  socketPath: 'The one of pg is host, with the folder of the socket.',
  enableKeepAlive: 'The one of pg is keepAlive.',
  keepAliveInitialDelay: 'The one of pg is keepAliveInitialDelayMillis.',
  multipleStatements: ofMysql,
  namedPlaceholders: ofMysql,
}
