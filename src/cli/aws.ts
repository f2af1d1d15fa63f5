import type { SecretCache, SecretCacheOptions } from 'awscurrent'

/** The options of the commands that ask AWS. */
export const awsOptions: Readonly<Record<'region' | 'profile' | 'endpoint', { type: 'string' }>> = {
  region: { type: 'string' },
  profile: { type: 'string' },
  endpoint: { type: 'string' },
}

/** The same for `--help`. */
export const awsUsage: string = `  --region <name>    The Region. Default: what the AWS SDK finds, such as AWS_REGION
  --profile <name>   The profile of ~/.aws/config
  --endpoint <url>   Another address than that of AWS, such as http://127.0.0.1:4599`

/** What `awsOptions` were given. */
export interface AwsValues {
  region?: string | undefined
  profile?: string | undefined
  endpoint?: string | undefined
}

/**
 * Sets the environment variables for the options, in which all clients of the AWS SDK find them. A command that runs another one copies
 * its environment first.
 */
export function useAws({ region, profile, endpoint }: AwsValues, env: NodeJS.ProcessEnv): void {
  // Which Node the SDK will need one day is news for its users, not for those of a tool.
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  if (region !== undefined) env.AWS_REGION = region
  if (endpoint !== undefined) {
    env.AWS_ENDPOINT_URL = endpoint
    for (const service of ['SECRETS_MANAGER', 'SSM', 'SNS', 'SQS', 'STS', 'EVENTBRIDGE', 'KMS'])
      delete env[`AWS_ENDPOINT_URL_${service}`]
    delete env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
  }
  if (profile !== undefined) {
    env.AWS_PROFILE = profile
    // The SDK would warn that it has both.
    for (const name of ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN']) delete env[`AWS_${name}`]
  }
}

/** A cache of secrets and parameters. It reads by the AWS SDK, because profiles and SSO sessions need it. */
export async function openCache(options: SecretCacheOptions = {}): Promise<SecretCache> {
  const [awscurrent, { routedSource }] = await Promise.all([import('awscurrent'), import('awscurrent/ssm')])
  return new awscurrent.SecretCache({ source: routedSource(), ...options })
}
