import type { Login } from '../pools/login.js'
import { checkTls } from '../pools/tls-only.js'
import { verifiableAddress } from '../pools/verifiable-address.js'
import type { AuthPlugin, AuthPlugins, ConnectionConfig } from './driver.js'

/** The address of a server as the user has set it. It takes precedence over the secret. */
export interface GivenAddress {
  host?: unknown
  port?: unknown
  database?: unknown
  ssl?: unknown
  /** May contain any of them. */
  uri?: unknown
}

/** The parts of the address that come from the secret. */
export interface FromSecret {
  host: boolean
  port: boolean
  database: boolean
  ssl: boolean
}

/** Only the credentials: an existing pool does not show which options were set and which are defaults of mysql2. */
export const addressOfPool: FromSecret = { host: false, port: false, database: false, ssl: false }

export function leftToSecret({ host, port, database, ssl, uri }: GivenAddress): FromSecret {
  const url = typeof uri === 'string' && URL.canParse(uri) ? new URL(uri) : undefined
  return {
    host: host === undefined && !url?.hostname,
    port: port === undefined && !url?.port,
    database: database === undefined && (url === undefined || url.pathname.length <= 1),
    ssl: ssl === undefined && !url?.searchParams.has('ssl'),
  }
}

/**
 * The options of a connection with a login. Each version gets its own object, because older mysql2 reads it during the handshake, and user
 * and password must be of one version.
 */
export function configFor(base: ConnectionConfig, login: Login, fromSecret: FromSecret): ConnectionConfig {
  const config: ConnectionConfig = Object.create(Object.getPrototypeOf(base), Object.getOwnPropertyDescriptors(base))
  config.user = login.user
  config.password = login.password
  config.passwordSha1 = undefined
  if (fromSecret.host && login.host !== undefined) config.host = login.host
  if (fromSecret.port && login.port !== undefined) config.port = login.port
  if (fromSecret.database && login.database !== undefined) config.database = login.database
  if (fromSecret.ssl && login.ssl !== undefined) config.ssl = login.ssl && { rejectUnauthorized: true, verifyIdentity: true }
  checkTls(login, config.ssl)
  if (login.isIssued) config.authPlugins = withClearPassword(config, login.password)
  return Object.assign(config, verifiable(config))
}

/** The server asks for a token as it is. Older mysql2 would send it without TLS, too. */
function withClearPassword({ ssl, authPlugins, enableCleartextPlugin }: ConnectionConfig, password: string): AuthPlugins {
  if (ssl) return { ...authPlugins, mysql_clear_password: asItIs(password) }
  return { ...(!enableCleartextPlugin && { mysql_clear_password: onlyOverTls }), ...authPlugins }
}

function asItIs(password: string): AuthPlugin {
  const answer = Buffer.from(`${password}\0`)
  return () => async () => answer
}

const onlyOverTls: AuthPlugin = () => async () => {
  throw new Error(
    'The server asks for the password in clear text, which is sent over TLS only: set ssl in the options of the pool.',
  )
}

/**
 * The address to use when the server's identity is checked. Users who open connections themselves (`stream`, `socketPath`) choose the
 * server.
 */
function verifiable({ host, port, ssl, stream, socketPath, enableKeepAlive, keepAliveInitialDelay }: ConnectionConfig): object {
  const isChecked = (ssl as { verifyIdentity?: unknown } | undefined)?.verifyIdentity
  if (!isChecked || stream || socketPath || host === undefined || port === undefined) return {}
  return verifiableAddress(host, port, { keepAlive: enableKeepAlive === true, keepAliveInitialDelay: keepAliveInitialDelay ?? 0 })
}
