import { loadPeer } from '../core/failures/peer.js'
import { aText, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { LoginSource } from '../pools/login-source.js'
import { aHost, needed, regionOf, type TokenOptions, tokenRules, tokenSource } from './token-source.js'

/** The options of `rdsIam`. */
export interface RdsIamOptions extends TokenOptions {
  /**
   * The endpoint of the database, of its cluster or of its RDS Proxy. For a name of your own in DNS, pass the endpoint here and the name as
   * the `host` of the pool: a token is valid for the endpoint alone.
   */
  host: string
  /** The port of the database, such as 5432 or 3306. */
  port: number
  /** The user of the database, who has the role `rds_iam` (PostgreSQL) or `AWSAuthenticationPlugin` (MySQL, MariaDB). */
  user: string
}

const aPort: OptionRule = value =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536 ? undefined : 'the number of a port'

const rules: Readonly<Record<keyof RdsIamOptions, OptionRule>> = { ...tokenRules, host: aHost, port: aPort, user: aText }

/** The Region in the name of an endpoint. That of a global database names none: its tokens are signed for the database's own Region. */
const endpoint = /\.([a-z]{2}(?:-[a-z]+)+-\d+)\.rds\.amazonaws\.com(?:\.cn)?\.?$/i

/**
 * Creates a source of IAM logins for RDS, Aurora and RDS Proxy, to be passed to a pool or a swap as `credentials`.
 *
 * A token is signed without a call to AWS, by `@aws-sdk/rds-signer`, and serves all connections until it is renewed, ahead of its end. It
 * is sent over TLS only. Nothing is signed before the first query. Wrong options throw a `TypeError`; a query rejects with a
 * `SecretCacheError` if there are no credentials (`ERR_SECRET_CREDENTIALS`) or the package is missing (`ERR_SECRET_CONFIG`).
 *
 * @example
 * import pg from 'pg'
 * import { createPool } from 'awscurrent/pg'
 * const credentials = rdsIam({ host: 'db.abc123.eu-west-1.rds.amazonaws.com', port: 5432, user: 'app' })
 * const pool = createPool(pg, { credentials, database: 'shop', max: 20 })
 */
export function rdsIam(options: RdsIamOptions): LoginSource {
  checkOptions('rdsIam', options, rules)
  const { host, port, user } = needed('rdsIam', options, ['host', 'port', 'user'])
  const [, inHost] = endpoint.exec(host) ?? []
  const region = regionOf('rdsIam', options.region, inHost?.toLowerCase(), 'the host name contains none.')
  return tokenSource({
    owner: 'rdsIam',
    username: user,
    options: { ...options },
    server: { host, port },
    async sign(credentials) {
      const { Signer } = await loadPeer('@aws-sdk/rds-signer', () => import('@aws-sdk/rds-signer'))
      // Credentials and not their provider: with that, the signer would ask for credentials twice per token near their end.
      return new Signer({ hostname: host, port, username: user, region, credentials }).getAuthToken()
    },
  })
}
