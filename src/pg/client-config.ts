import type { Login } from '../pools/login.js'
import type { PgClientClass, PgConfig } from './driver.js'

/**
 * Returns a function that turns the options of a pool into those of a connection. The user's options take precedence over the secret,
 * except for the credentials, which are always those of the secret.
 *
 * A connection string is parsed here: in pg it overrides every other option, and it sets an empty password if it contains none.
 */
export function clientConfigs(poolOptions: PgConfig, Client: PgClientClass): (login: Login) => PgConfig {
  const { connectionString, user, password, ...options } = poolOptions
  const given: PgConfig = { user, ...options, ...(connectionString && partsOf(connectionString, Client)) }
  /** Without a database name, pg uses the user name as one. Users may alternate, so the name of the first user is kept. */
  let byDefault = given.user ? databaseOf(given.user, Client) : undefined
  return ({ user, password, host, port, database, ssl }) => {
    const config: PgConfig = { ...given, user, password }
    config.host ||= host
    config.port ||= port
    if (!config.database && database === undefined) byDefault ??= databaseOf(user, Client)
    config.database ||= database ?? byDefault
    config.ssl ??= ssl
    // pg takes the word for `true`, and fails in the middle of a handshake.
    if (config.ssl === 'false') config.ssl = false
    return config
  }
}

function databaseOf(user: string, Client: PgClientClass): string {
  return new Client({ user }).database
}

/** The driver itself parses the string, in a client that never connects. Parts that are missing from the string are left out. */
function partsOf(connectionString: string, Client: PgClientClass): PgConfig {
  const { host, port, database, ssl } = new Client({ connectionString })
  // The directory of a socket and, after a space, the database.
  if (connectionString.startsWith('/')) return { host, ...(connectionString.includes(' ') && { database }) }
  // pg accepts a user before an empty host, but `URL` does not. Without a protocol, the host is whatever pg derives from the string.
  const isUrl = URL.canParse(connectionString, 'postgres://base')
  const url = new URL(isUrl ? connectionString : connectionString.replace('@/', '@none/'), 'postgres://base')
  const { user = decodeURIComponent(url.username), password, ...parameters } = Object.fromEntries(url.searchParams)
  const isSocket = url.protocol === 'socket:'
  const namesDatabase = isSocket ? 'db' in parameters : url.pathname.length > 1
  const saysHowToEncrypt = Object.keys(parameters).some(name => name.startsWith('ssl') || name === 'uselibpqcompat')
  return {
    ...parameters,
    ...(user !== '' && { user }),
    ...((isSocket || (isUrl && url.hostname !== '') || 'host' in parameters) && { host }),
    ...((url.port !== '' || 'port' in parameters) && { port }),
    ...(namesDatabase && { database }),
    ...(saysHowToEncrypt && { ssl }),
  }
}
