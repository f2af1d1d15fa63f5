import { aClock, aFlag, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { Clock } from '../core/time/clock.js'

/** What `liteSource` takes. Everything is optional. */
export interface LiteSourceOptions {
  /** The Region of the secrets. @default AWS_REGION, else AWS_DEFAULT_REGION */
  region?: string | undefined
  /**
   * The URL of the service, for a VPC endpoint or a local stack; `http:` is allowed.
   * @default AWS_ENDPOINT_URL_SECRETS_MANAGER, else AWS_ENDPOINT_URL, else the service's own in the Region
   */
  endpoint?: string | undefined
  /** Whether to use the FIPS endpoint. @default AWS_USE_FIPS_ENDPOINT */
  useFipsEndpoint?: boolean | undefined
  /** Whether to use the dual-stack endpoint, which is also there by IPv6. @default AWS_USE_DUALSTACK_ENDPOINT */
  useDualstackEndpoint?: boolean | undefined
  /** Where the time for signatures and the expiry of credentials is read. @default the clock of the machine */
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

/** Checks and copies the options once. A mistake is a TypeError that names the option. */
export function checkLiteOptions(options: LiteSourceOptions): Readonly<LiteSourceOptions> {
  checkOptions('liteSource', options, rules)
  const { endpoint, useDualstackEndpoint, useFipsEndpoint } = options
  if (endpoint !== undefined && (useDualstackEndpoint || useFipsEndpoint)) {
    throw new TypeError('endpoint excludes useFipsEndpoint and useDualstackEndpoint.')
  }
  return { ...options }
}

/** Whether it can be a Region: a part of a host name, and nothing that makes another host of it. */
export function isRegion(value: string): boolean {
  return /^[a-z\d-]{1,63}$/i.test(value)
}

/** Whether it is a URL that requests can be sent to, as it is and to nobody else. */
export function isEndpoint(value: string): boolean {
  return /^https?:\/\/[^?#@\\]+$/.test(value) && URL.canParse(value)
}
