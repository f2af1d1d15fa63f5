import { isEndpoint, isRegion, type LiteSourceOptions } from './lite-options.js'

/** The URL that requests are sent to, and the Region that they are signed for. */
export interface Target {
  readonly url: URL
  readonly region: string
}

/** A service, and what its endpoints and its calls are named by. */
export interface LiteService {
  /** Its name in host names and signatures. */
  readonly name: string
  /** What its operations are named after in the header of a call. */
  readonly api: string
  /** The variable of the environment with its endpoint. */
  readonly variable: string
  /** The endpoint in a Region, without a protocol. */
  host(region: string, options: HostOptions): string
}

/** A partition, and which kind of endpoint is meant. */
interface HostOptions extends Partition {
  readonly fips: boolean
  readonly dualStack: boolean
}

/** The prefix of the Regions of a partition, and its domains. */
interface Partition {
  readonly prefix: string
  readonly domain: string
  readonly dualStackDomain: string
}

const partitions: readonly (readonly [prefix: string, domain: string, dualStackDomain: string])[] = [
  ['cn-', 'amazonaws.com.cn', 'api.amazonwebservices.com.cn'],
  ['eusc-', 'amazonaws.eu', 'api.amazonwebservices.eu'],
  ['us-iso-', 'c2s.ic.gov', 'api.aws.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov', 'api.aws.scloud'],
  ['us-isof-', 'csp.hci.ic.gov', 'api.aws.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk'],
  ['', 'amazonaws.com', 'api.aws'],
]

/** Determines the endpoint from the options and, for those that are not set, from the environment, as the AWS SDK does. */
export function findTarget(options: LiteSourceOptions, env: NodeJS.ProcessEnv, service: LiteService): Target {
  const region = options.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || '')
  // The message begins like that of the SDK, so that it is classified in the same way: a retry does not help.
  if (!isRegion(region)) throw new Error(region === '' ? 'Region is missing' : `Region not accepted: ${region}`)
  const fips = options.useFipsEndpoint ?? env.AWS_USE_FIPS_ENDPOINT === 'true'
  const dualStack = options.useDualstackEndpoint ?? env.AWS_USE_DUALSTACK_ENDPOINT === 'true'
  const endpoint = options.endpoint ?? endpointOf(env, service.variable, fips || dualStack)
  const url = new URL(endpoint ?? `https://${service.host(region, { ...partitionOf(region), fips, dualStack })}`)
  url.pathname = url.pathname.replace(/\/?$/, '/')
  return { region, url }
}

function partitionOf(region: string): Partition {
  const [prefix, domain, dualStackDomain] = partitions.find(([start]) => region.startsWith(start)) as (typeof partitions)[0]
  return { prefix, domain, dualStackDomain }
}

function endpointOf(env: NodeJS.ProcessEnv, own: string, isElsewhere: boolean): string | undefined {
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined
  const name = [own, 'AWS_ENDPOINT_URL'].find(variable => env[variable])
  if (name === undefined) return undefined
  const endpoint = env[name] as string
  // The name is that of the SDK's error, so that the cache gives the same hint. The URL is not quoted: it may contain a password.
  if (isElsewhere || !isEndpoint(endpoint)) throw Object.assign(new Error(`${name} cannot be used.`), { name: 'EndpointError' })
  return endpoint
}
