const bound = 'pg always lets requests wait, for at most connectionTimeoutMillis.'
const ofMysql = 'It is an option of mysql2; pg has no counterpart.'

/** Pool options of other drivers that pg would ignore, with what to use instead. */
export const optionsOfOthers: Readonly<Record<string, string>> = {
  connectionLimit: 'In pg it is max.',
  maxIdle: 'pg closes connections that have been idle for idleTimeoutMillis, except for min of them.',
  idleTimeout: 'In pg it is idleTimeoutMillis.',
  connectTimeout: 'In pg it is connectionTimeoutMillis.',
  acquireTimeout: 'In pg it is connectionTimeoutMillis.',
  acquireTimeoutMillis: 'In pg it is connectionTimeoutMillis.',
  waitForConnections: bound,
  queueLimit: bound,
  uri: 'In pg it is connectionString.',
  socketPath: 'In pg it is host, with the folder of the socket.',
  enableKeepAlive: 'In pg it is keepAlive.',
  keepAliveInitialDelay: 'In pg it is keepAliveInitialDelayMillis.',
  multipleStatements: ofMysql,
  namedPlaceholders: ofMysql,
}
