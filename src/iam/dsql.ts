import { loadPeer } from '../core/failures/peer.js'
import { aText, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { LoginSource } from '../pools/login-source.js'
import { aHost, needed, regionOf, type TokenOptions, tokenRules, tokenSource } from './token-source.js'

/** The options of `dsql`. */
export interface DsqlOptions extends TokenOptions {
  /** The endpoint of the cluster. */
  host: string
  /** The role of the database. @default 'admin' */
  user?: string | undefined
}

const rules: Readonly<Record<keyof DsqlOptions, OptionRule>> = { ...tokenRules, host: aHost, user: aText }

const endpoint = /\.dsql(?:-[a-z\d]+)?\.([a-z]{2}(?:-[a-z]+)+-\d+)\.on\.aws\.?$/i

/** DSQL ends each connection after an hour. */
const sessionMs = 3_600_000

/**
 * Creates a source of IAM logins for Aurora DSQL, to be passed to a pool of `awscurrent/pg` as `credentials`. One token, signed by
 * `@aws-sdk/dsql-signer` without a call to AWS, serves all connections until it is renewed. DSQL ends each connection after an hour, so the
 * pool replaces it before that, when it is idle or released.
 *
 * Wrong options throw a `TypeError`; a query rejects with a `SecretCacheError` if there are no credentials (`ERR_SECRET_CREDENTIALS`) or
 * the package is missing (`ERR_SECRET_CONFIG`).
 *
 * @example
 * import pg from 'pg'
 * import { createPool } from 'awscurrent/pg'
 * const pool = createPool(pg, { credentials: dsql({ host: 'abc123.dsql.eu-west-1.on.aws', user: 'app' }), max: 20 })
 */
export function dsql(options: DsqlOptions): LoginSource {
  checkOptions('dsql', options, rules)
  const { host } = needed('dsql', options, ['host'])
  const { user = 'admin' } = options
  const [, inHost] = endpoint.exec(host) ?? []
  const region = regionOf('dsql', options.region, inHost?.toLowerCase(), 'the host name contains none.')
  return tokenSource({
    owner: 'dsql',
    username: user,
    options: { ...options },
    server: { host, port: 5432, database: 'postgres' },
    sessionMs,
    async sign(credentials) {
      const { DsqlSigner } = await loadPeer('@aws-sdk/dsql-signer', () => import('@aws-sdk/dsql-signer'))
      const signer = new DsqlSigner({ hostname: host, region, credentials })
      return user === 'admin' ? signer.getDbConnectAdminAuthToken() : signer.getDbConnectAuthToken()
    },
  })
}
