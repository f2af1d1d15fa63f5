import { aClock, type OptionRule } from '../core/options/check-options.js'
import { type Clock, completeClock } from '../core/time/clock.js'
import type { LoginServer, LoginSource } from '../pools/login-source.js'
import { RenewedLogins } from './renewed-logins.js'
import { type AwsCredentials, type AwsCredentialsInput, signingCredentials } from './signing-credentials.js'

/** How long a token of RDS, DSQL, ElastiCache and MemoryDB opens connections: their signers do not let it be longer, or it need not be. */
export const tokenLifeMs = 900_000

/** The options that all sources of tokens share. */
export interface TokenOptions {
  /** The Region that signs. @default the one in the host name, or else AWS_REGION, or else AWS_DEFAULT_REGION */
  region?: string | undefined
  /**
   * The AWS credentials that sign, or a provider of the SDK. A token ends with the credentials that have signed it.
   * @default the SDK's default chain, from `@aws-sdk/credential-provider-node`
   */
  credentials?: AwsCredentialsInput | undefined
  /** The clock of the ends, such as that of your tests. @default the clock of the machine */
  clock?: Clock | undefined
}

/** The rules for them. */
export const tokenRules: Readonly<Record<keyof TokenOptions, OptionRule>> = {
  region: value => (typeof value === 'string' && /^[a-z\d-]{1,63}$/.test(value) ? undefined : 'the name of a Region'),
  credentials: value =>
    typeof value === 'function' || typeof (value as Partial<AwsCredentials> | null)?.accessKeyId === 'string'
      ? undefined
      : 'credentials or a provider of the AWS SDK v3',
  clock: aClock,
}

export const aHost: OptionRule = value =>
  typeof value === 'string' && /^[^\s/:@?#]+$/.test(value) ? undefined : 'a host name, without a protocol and a port'

/** What one kind of token needs. */
interface TokenParts {
  readonly owner: string
  readonly username: string
  readonly options: TokenOptions
  readonly server?: LoginServer
  readonly sessionMs?: number
  sign(credentials: AwsCredentials): Promise<string>
}

/** A source of tokens that AWS credentials sign: over TLS only, since anybody who sees a token may use it. */
export function tokenSource({ owner, username, options, server, sessionMs, sign }: TokenParts): LoginSource {
  const { credentials: given, clock } = options
  const time = completeClock(clock)
  return new RenewedLogins({
    owner,
    server,
    requiresTls: true,
    clock,
    async issue({ refused }) {
      const signedAt = time.now()
      const credentials = await signingCredentials(given, time, { forceRefresh: refused !== undefined })
      const password = await sign(credentials)
      const loginUntil = Math.min(signedAt + tokenLifeMs, credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY)
      return { username, password, loginUntil, sessionMs }
    },
  })
}

/** The Region that signs. Throws a TypeError if nothing names it. */
export function regionOf(owner: string, given: string | undefined, inHost: string | undefined, hint: string): string {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env
  const region = given ?? inHost ?? (AWS_REGION || AWS_DEFAULT_REGION)
  if (region) return region
  throw new TypeError(`${owner} needs region: ${hint}`)
}

/** The options that there is no default for. Throws a TypeError for the first that is missing. */
export function needed<Options extends object, Name extends keyof Options & string>(
  owner: string,
  options: Options,
  names: readonly Name[],
): { readonly [Each in Name]: Exclude<Options[Each], undefined> } {
  const missing = names.find(name => options[name] === undefined)
  if (missing !== undefined) throw new TypeError(`${owner} needs ${missing}.`)
  return options as { readonly [Each in Name]: Exclude<Options[Each], undefined> }
}
