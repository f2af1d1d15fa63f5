import { aClock, aFlag, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { Clock } from '../core/time/clock.js'

/** Options of `liteSource` and `liteSsmSource`. All are optional. */
export interface LiteSourceOptions {
  /** The Region of the secrets, or parameters. @default AWS_REGION, or else AWS_DEFAULT_REGION */
  region?: string | undefined
  /**
   * The URL of the service, for a VPC endpoint or a local stack; `http:` is allowed. It excludes the two options below.
   * @default AWS_ENDPOINT_URL_SECRETS_MANAGER or AWS_ENDPOINT_URL_SSM, or else AWS_ENDPOINT_URL, or else the endpoint of the service in the
   * Region
   */
  endpoint?: string | undefined
  /** Whether to use the FIPS endpoint. @default AWS_USE_FIPS_ENDPOINT */
  useFipsEndpoint?: boolean | undefined
  /** Whether to use the dual-stack endpoint, which also supports IPv6. @default AWS_USE_DUALSTACK_ENDPOINT */
  useDualstackEndpoint?: boolean | undefined
  /** The clock for signatures and for the expiry of credentials. @default the clock of the machine */
  clock?: Clock | undefined
}

const rules: Record<string, OptionRule> = {
  region: value => (typeof value === 'string' && isRegion(value) ? undefined : 'the name of a Region'),
  endpoint: value =>
    typeof value === 'string' && isEndpoint(value) ? undefined : 'a URL of http: or https:, without user and query',
  useFipsEndpoint: aFlag,
  useDualstackEndpoint: aFlag,
  clock: aClock,
}

/** Checks and copies the options once. A mistake throws a TypeError that names the option. */
export function checkLiteOptions(owner: string, options: LiteSourceOptions): Readonly<LiteSourceOptions> {
  checkOptions(owner, options, rules)
  const { endpoint, useDualstackEndpoint, useFipsEndpoint } = options
  if (endpoint !== undefined && (useDualstackEndpoint || useFipsEndpoint)) {
    throw new TypeError('endpoint excludes useFipsEndpoint and useDualstackEndpoint.')
  }
  return { ...options }
}

/** Whether it can be a Region: one label of a host name, with no character that would lead to another host. */
export function isRegion(value: string): boolean {
  return /^[a-z\d-]{1,63}$/i.test(value)
}

/** Whether it is a URL that requests can be sent to unchanged, and that leads to no other host than it seems to. */
export function isEndpoint(value: string): boolean {
  return /^https?:\/\/[^?#@\\]+$/.test(value) && URL.canParse(value)
}
