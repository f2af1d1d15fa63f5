import { isEndpoint, isRegion, type LiteSourceOptions } from './lite-options.js'

/** Where requests are sent, and the Region that they are signed for. */
export interface Target {
  readonly url: URL
  readonly region: string
}

/** What the Regions of a partition begin with, its domain, and those of its dual-stack endpoints, without and with FIPS, where they are others. */
const partitions: readonly (readonly [prefix: string, domain: string, dualStack?: string, fipsDualStack?: string])[] = [
  ['cn-', 'amazonaws.com.cn', 'amazonaws.com.cn', 'api.amazonwebservices.com.cn'],
  ['eusc-', 'amazonaws.eu', 'api.amazonwebservices.eu'],
  ['us-iso-', 'c2s.ic.gov', 'api.aws.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov', 'api.aws.scloud'],
  ['us-isof-', 'csp.hci.ic.gov', 'api.aws.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk'],
  ['', 'amazonaws.com'],
]

/** Finds the service by the options and, for what they leave open, by the environment, as the AWS SDK does. */
export function findTarget(options: LiteSourceOptions, env: NodeJS.ProcessEnv): Target {
  const region = options.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || '')
  // As the SDK's message begins: it is known for what no second attempt can mend.
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
  // As the SDK calls what keeps it from finding the service: the cache knows what to do about it. The URL may have a password.
  if (isElsewhere || !isEndpoint(endpoint)) throw Object.assign(new Error(`${name} cannot be used.`), { name: 'EndpointError' })
  return endpoint
}
