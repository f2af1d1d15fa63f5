import type { Login } from '../pools/login.js'
import type { PgClientClass, PgConfig } from './driver.js'

/**
 * Makes the options of a pool into those of a connection that logs in. What the user gave goes before what the secret says; the
 * credentials are the secret's.
 *
 * A connection string is taken apart here: pg lets it win over every other option, and with an empty password if it names none.
 */
export function clientConfigs(poolOptions: PgConfig, Client: PgClientClass): (login: Login) => PgConfig {
  const { connectionString, user, password, ...options } = poolOptions
  const given: PgConfig = { user, ...options, ...(connectionString && partsOf(connectionString, Client)) }
  /** Where nobody names a database, pg takes the name of the user: that of the first one, since users may take turns. */
  let byDefault = given.user ? databaseOf(given.user, Client) : undefined
  return ({ user, password, host, port, database, ssl }) => {
    const config: PgConfig = { ...given, user, password }
    config.host ||= host
    config.port ||= port
    if (!config.database && database === undefined) byDefault ??= databaseOf(user, Client)
    config.database ||= database ?? byDefault
    config.ssl ??= ssl
    return config
  }
}

function databaseOf(user: string, Client: PgClientClass): string {
  return new Client({ user }).database
}

/** The driver itself reads the string, by a client that never connects; what the string leaves out is left out. */
function partsOf(connectionString: string, Client: PgClientClass): PgConfig {
  const { host, port, database, ssl } = new Client({ connectionString })
  // A socket's folder and, after a space, the database.
  if (connectionString.startsWith('/')) return { host, ...(connectionString.includes(' ') && { database }) }
  // A user before an empty host is fine for pg, but not for a URL; without a protocol, the host is what pg makes of that.
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
