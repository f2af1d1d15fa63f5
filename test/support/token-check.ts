import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

// Signature Version 4 of presigned tokens, computed without the AWS SDK, which the tokens under test come from:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

/** An access key as AWS knows it. */
export interface KnownKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** When AWS ends it, in milliseconds since the epoch. */
  readonly endsAt?: number | undefined
}

/** What a token must be for. */
export interface TokenPurpose {
  readonly service: 'rds-db' | 'dsql' | 'elasticache' | 'memorydb'
  readonly region: string
  /** The endpoint; with the port if the token contains one. */
  readonly endpoint: string
  /** The parameters that are not those of the signature, such as `Action` and `DBUser`. */
  readonly query: Readonly<Record<string, string>>
}

/** Why a token is not valid. */
export type TokenFault =
  | 'not a token'
  | 'another endpoint'
  | 'other parameters'
  | 'another service'
  | 'another Region'
  | 'another day'
  | 'unknown access key'
  | 'access key has ended'
  | 'another session token'
  | 'not valid yet'
  | 'expired'
  | 'another signature'

/** What a checker needs. */
export interface TokenCheckOptions {
  /** Finds an access key by its id. */
  keyOf(accessKeyId: string): KnownKey | undefined
  /** The time at the server, in milliseconds since the epoch. */
  now(): number
}

const algorithm = 'AWS4-HMAC-SHA256'

/** How far the clock of a signer may be ahead of the server's. */
const mostAheadMs = 300_000

const longestLifeSeconds = 604_800

const hashOfNoBody = createHash('sha256').update('').digest('hex')

/** Returns why a token is not valid now and for this purpose; undefined if it is valid. */
export function faultOf(token: string, purpose: TokenPurpose, { keyOf, now }: TokenCheckOptions): TokenFault | undefined {
  const parts = partsOf(token)
  if (parts === undefined) return 'not a token'
  const { endpoint, parameters } = parts
  const signing = signingOf(parameters)
  if (signing === undefined) return 'not a token'
  if (endpoint !== purpose.endpoint) return 'another endpoint'
  const [accessKeyId = '', day, region, service] = signing.scope
  if (service !== purpose.service) return 'another service'
  if (region !== purpose.region) return 'another Region'
  if (day !== signing.date.slice(0, 8)) return 'another day'
  if (!isSame(ownOf(parameters), purpose.query)) return 'other parameters'
  const key = keyOf(accessKeyId)
  if (key === undefined) return 'unknown access key'
  if (now() >= (key.endsAt ?? Number.POSITIVE_INFINITY)) return 'access key has ended'
  if (parameters.get('X-Amz-Security-Token') !== key.sessionToken) return 'another session token'
  if (!isSignedBy(key, parts, signing)) return 'another signature'
  if (signing.signedAt > now() + mostAheadMs) return 'not valid yet'
  return now() < signing.signedAt + signing.lifeSeconds * 1_000 ? undefined : 'expired'
}

interface Parts {
  readonly endpoint: string
  readonly parameters: ReadonlyMap<string, string>
}

/** A token is a URL without its scheme. Each parameter may occur only once. */
function partsOf(token: string): Parts | undefined {
  const [, endpoint, query] = /^([^/?#]+)\/\?([^#]+)$/.exec(token) ?? []
  if (endpoint === undefined || query === undefined) return undefined
  const pairs = query.split('&').map(pair => pair.split('='))
  if (pairs.some(({ length }) => length !== 2)) return undefined
  try {
    const parameters = new Map(pairs.map(([name, value]) => [decodeURIComponent(name!), decodeURIComponent(value!)]))
    return parameters.size === pairs.length ? { endpoint, parameters } : undefined
  } catch {
    return undefined
  }
}

interface Signing {
  /** The access key, the day, the Region, the service, and `aws4_request`. */
  readonly scope: readonly string[]
  readonly date: string
  readonly signedAt: number
  readonly lifeSeconds: number
  readonly signature: string
}

function signingOf(parameters: ReadonlyMap<string, string>): Signing | undefined {
  const get = (name: string): string => parameters.get(`X-Amz-${name}`) ?? ''
  const scope = get('Credential').split('/')
  const [date, signature] = [get('Date'), get('Signature')]
  const signedAt = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  const lifeSeconds = /^\d+$/.test(get('Expires')) ? Number(get('Expires')) : 0
  const isWhole =
    get('Algorithm') === algorithm &&
    get('SignedHeaders') === 'host' &&
    scope.length === 5 &&
    scope[4] === 'aws4_request' &&
    Number.isFinite(signedAt) &&
    lifeSeconds >= 1 &&
    lifeSeconds <= longestLifeSeconds &&
    /^[\da-f]{64}$/.test(signature)
  return isWhole ? { scope, date, signedAt, lifeSeconds, signature } : undefined
}

function ownOf(parameters: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...parameters].filter(([name]) => !name.startsWith('X-Amz-')))
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every(name => one[name] === other[name])
}

function isSignedBy(
  { secretAccessKey }: KnownKey,
  { endpoint, parameters }: Parts,
  { scope, date, signature }: Signing,
): boolean {
  const query = [...parameters]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join('&')
  const request = ['GET', '/', query, `host:${endpoint}`, '', 'host', hashOfNoBody].join('\n')
  const hash = createHash('sha256').update(request).digest('hex')
  const [day, region, service, end] = scope.slice(1) as [string, string, string, string]
  const toSign = [algorithm, date, `${day}/${region}/${service}/${end}`, hash].join('\n')
  const key = [day, region, service, end].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex'))
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** All but the unreserved characters of RFC 3986. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
