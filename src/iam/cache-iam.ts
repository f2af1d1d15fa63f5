import { createHash, createHmac } from 'node:crypto'
import { loadPeer } from '../core/failures/peer.js'
import { aFlag, aText, checkOptions, type OptionRule } from '../core/options/check-options.js'
import { completeClock } from '../core/time/clock.js'
import type { LoginSource } from '../pools/login-source.js'
import type { AwsCredentials } from './signing-credentials.js'
import { needed, regionOf, type TokenOptions, tokenLifeMs, tokenRules, tokenSource } from './token-source.js'

/** The options of `elastiCacheIam`. */
export interface ElastiCacheIamOptions extends TokenOptions {
  /** The id of the replication group, or the name of the serverless cache. */
  cacheName: string
  /** The id of the user, which for IAM is also its name. */
  user: string
  /** Whether it is a serverless cache. @default false */
  serverless?: boolean | undefined
}

/** The options of `memoryDbIam`. */
export interface MemoryDbIamOptions extends TokenOptions {
  /** The name of the cluster. */
  clusterName: string
  /** The name of the user. */
  user: string
}

const aName: OptionRule = value =>
  typeof value === 'string' && /^[a-z][a-z\d-]*$/i.test(value) ? undefined : 'the name of a cache, not its host name'

const namesNoRegion = 'the name of a cache contains none.'

/**
 * Creates a source of IAM logins for ElastiCache (Valkey and Redis OSS), to be passed as `credentials` to `attachClient` of
 * `awscurrent/ioredis` or `createCredentialsProvider` of `awscurrent/redis`. Open connections re-authenticate with each new token, so the
 * service, which ends a connection twelve hours after its last login, ends none. Tokens are signed by `@smithy/signature-v4`, without a call
 * to AWS, and must be sent over TLS.
 *
 * Wrong options throw a `TypeError`.
 *
 * @example
 * import { Redis } from 'ioredis'
 * import { attachClient } from 'awscurrent/ioredis'
 * const credentials = elastiCacheIam({ region: 'eu-west-1', cacheName: 'sessions', user: 'app' })
 * const redis = attachClient(new Redis('rediss://master.sessions.abc123.euw1.cache.amazonaws.com'), { credentials })
 */
export function elastiCacheIam(options: ElastiCacheIamOptions): LoginSource {
  checkOptions('elastiCacheIam', options, { ...tokenRules, cacheName: aName, user: aText, serverless: aFlag })
  const { cacheName, user } = needed('elastiCacheIam', options, ['cacheName', 'user'])
  const query = { Action: 'connect', User: user, ...(options.serverless && { ResourceType: 'ServerlessCache' }) }
  return cacheSource('elastiCacheIam', { service: 'elasticache', name: cacheName, user, query, options: { ...options } })
}

/**
 * Creates a source of IAM logins for MemoryDB, like `elastiCacheIam`.
 *
 * @example
 * import { Cluster } from 'ioredis'
 * import { attachClient } from 'awscurrent/ioredis'
 * const nodes = ['rediss://clustercfg.sessions.abc123.memorydb.eu-west-1.amazonaws.com']
 * const credentials = memoryDbIam({ region: 'eu-west-1', clusterName: 'sessions', user: 'app' })
 * const redis = attachClient(new Cluster(nodes, { redisOptions: { tls: {} } }), { credentials })
 */
export function memoryDbIam(options: MemoryDbIamOptions): LoginSource {
  checkOptions('memoryDbIam', options, { ...tokenRules, clusterName: aName, user: aText })
  const { clusterName, user } = needed('memoryDbIam', options, ['clusterName', 'user'])
  const query = { Action: 'connect', User: user }
  return cacheSource('memoryDbIam', { service: 'memorydb', name: clusterName, user, query, options: { ...options } })
}

interface CacheToken {
  readonly service: 'elasticache' | 'memorydb'
  readonly name: string
  readonly user: string
  readonly query: Record<string, string>
  readonly options: TokenOptions
}

function cacheSource(owner: string, { service, name, user, query, options }: CacheToken): LoginSource {
  const region = regionOf(owner, options.region, undefined, namesNoRegion)
  const clock = completeClock(options.clock)
  return tokenSource({
    owner,
    username: user,
    options,
    async sign(credentials: AwsCredentials) {
      const { SignatureV4 } = await loadPeer('@smithy/signature-v4', () => import('@smithy/signature-v4'))
      const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 })
      // The service knows the name in lower case only.
      const hostname = name.toLowerCase()
      const request = { method: 'GET', protocol: 'http:', hostname, path: '/', query, headers: { host: hostname } }
      const signed = await signer.presign(request, { expiresIn: tokenLifeMs / 1_000, signingDate: new Date(clock.now()) })
      return `${hostname}/?${queryOf(signed.query as Record<string, string>)}`
    },
  })
}

function queryOf(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join('&')
}

/** As signatures count it: more than `encodeURIComponent` escapes. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The form in which the signer takes a hash. */
class Sha256 {
  readonly #secret: string | Uint8Array | undefined
  #hash = createHash('sha256')

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret as string | Uint8Array | undefined
    this.reset()
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data)
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest())
  }

  reset(): void {
    this.#hash = (this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret)) as ReturnType<
      typeof createHash
    >
  }
}
