import type { Login } from '../login.js'
import type { PgClientClass, PgConfig } from './driver.js'

/**
 * What the connections of a pool are made with, apart from the secret.
 *
 * A connection string is taken apart here: pg lets it win over every other option, and with an empty password if it names none.
 */
export function withoutCredentials({ connectionString, user, password, ...options }: PgConfig, Client: PgClientClass): PgConfig {
  return connectionString === undefined ? options : { ...options, ...partsOf(connectionString, Client) }
}

/** What the user gave goes before what the secret says; the credentials are the secret's. */
export function withCredentials(options: PgConfig, { user, password, host, port, database, ssl }: Login): PgConfig {
  const config: PgConfig = { ...options, user, password }
  config.host ??= host
  config.port ??= port
  config.database ??= database
  config.ssl ??= ssl
  return config
}

/** The driver itself reads the string, by a client that never connects; what the string leaves out is left out. */
function partsOf(connectionString: string, Client: PgClientClass): PgConfig {
  const { host, port, database, ssl } = new Client({ connectionString })
  if (!URL.canParse(connectionString)) return { host, port, database, ssl }
  const { hostname, port: portGiven, pathname, searchParams } = new URL(connectionString)
  const parameters = Object.fromEntries(searchParams)
  const saysHowToEncrypt = Object.keys(parameters).some(name => name.startsWith('ssl') || name === 'uselibpqcompat')
  return {
    ...parameters,
    ...(hostname !== '' || 'host' in parameters ? { host } : {}),
    ...(portGiven !== '' || 'port' in parameters ? { port } : {}),
    ...(pathname.length > 1 ? { database } : {}),
    ...(saysHowToEncrypt ? { ssl } : {}),
  }
}
