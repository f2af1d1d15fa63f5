import { isEndpoint, isRegion, type LiteSourceOptions } from './lite-options.js'

/** The URL that requests are sent to, and the Region that they are signed for. */
export interface Target {
  readonly url: URL
  readonly region: string
}

/** The prefix of the Regions of a partition, its domain, and the domains of its dual-stack endpoints, without and with FIPS, if they differ. */
const partitions: readonly (readonly [prefix: string, domain: string, dualStack?: string, fipsDualStack?: string])[] = [
  ['cn-', 'amazonaws.com.cn', 'amazonaws.com.cn', 'api.amazonwebservices.com.cn'],
  ['eusc-', 'amazonaws.eu', 'api.amazonwebservices.eu'],
  ['us-iso-', 'c2s.ic.gov', 'api.aws.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov', 'api.aws.scloud'],
  ['us-isof-', 'csp.hci.ic.gov', 'api.aws.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk'],
  ['', 'amazonaws.com'],
]

/** Determines the endpoint from the options and, for those that are not set, from the environment, as the AWS SDK does. */
export function findTarget(options: LiteSourceOptions, env: NodeJS.ProcessEnv): Target {
  const region = options.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || '')
  // The message begins like that of the SDK, so that it is classified in the same way: a retry does not help.
  if (!isRegion(region)) throw new Error(region === '' ? 'Region is missing' : `Region not accepted: ${region}`)
  const fips = options.useFipsEndpoint ?? env.AWS_USE_FIPS_ENDPOINT === 'true'
  const dualStack = options.useDualstackEndpoint ?? env.AWS_USE_DUALSTACK_ENDPOINT === 'true'
  const endpoint = options.endpoint ?? endpointOf(env, fips || dualStack)
  const url = new URL(endpoint ?? serviceUrl(region, fips, dualStack))
  url.pathname = url.pathname.replace(/\/?$/, '/')
  return { region, url }
}

function serviceUrl(region: string, fips: boolean, dualStack: boolean): string {
  const partition = partitions.find(([prefix]) => region.startsWith(prefix)) as (typeof partitions)[0]
  const [, domain, dualStackDomain = domain, fipsDualStackDomain = dualStackDomain] = partition
  const dualDomain = fips ? fipsDualStackDomain : dualStackDomain
  return `https://secretsmanager${fips ? '-fips' : ''}.${region}.${dualStack ? dualDomain : domain}`
}

function endpointOf(env: NodeJS.ProcessEnv, isElsewhere: boolean): string | undefined {
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined
  const name = ['AWS_ENDPOINT_URL_SECRETS_MANAGER', 'AWS_ENDPOINT_URL'].find(variable => env[variable])
  if (name === undefined) return undefined
  const endpoint = env[name] as string
  // The name is that of the SDK's error, so that the cache gives the same hint. The URL is not quoted: it may contain a password.
  if (isElsewhere || !isEndpoint(endpoint)) throw Object.assign(new Error(`${name} cannot be used.`), { name: 'EndpointError' })
  return endpoint
}
