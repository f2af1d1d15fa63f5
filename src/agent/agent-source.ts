import { aFlag, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { SecretSource } from '../core/secrets/source.js'
import { type AgentOptions, agentCalls, agentRules } from './agent-calls.js'
import { valueFrom } from './value.js'

/** Options of `agentSource`: where the agent or the extension listens, and how it is called. All are optional. */
export interface AgentSourceOptions extends AgentOptions {
  /**
   * The role that the AWS Workload Credentials Provider (the agent, from 3.0) assumes to read, such as one of another account. Create a
   * source and a cache for each role.
   */
  roleArn?: string
  /**
   * Whether the agent reads from Secrets Manager for each request. Otherwise it serves from its own cache, which does not notice rotations.
   * The Lambda extension has no such parameter: turn off its cache instead.
   * @default true, and false in a Lambda function
   */
  refreshNow?: boolean
}

const aRole: OptionRule = value =>
  typeof value === 'string' && /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(value) ? undefined : 'the ARN of an IAM role'

/**
 * Creates a source that reads secrets from the AWS Workload Credentials Provider, which was the AWS Secrets Manager Agent ("the agent"), or
 * from the AWS Parameters and Secrets Lambda Extension, on this host.
 *
 * Use it if one of them has the credentials, or if you do not want the AWS SDK. A transient failure (not ready yet, too many connections,
 * throttled) is retried for about three seconds, a port at which nothing listens for one second. A denial or any other permanent error of
 * Secrets Manager is not retried. An invalid token rejects with ERR_SECRET_CREDENTIALS, a server that is not the agent with ERR_SECRET_CONFIG.
 *
 * ```ts
 * const secrets = new SecretCache({ source: agentSource() })
 * ```
 */
export function agentSource(options: AgentSourceOptions = {}): SecretSource {
  checkOptions('agentSource', options, { ...agentRules, refreshNow: aFlag, roleArn: aRole })
  const { refreshNow = process.env.AWS_LAMBDA_FUNCTION_NAME === undefined, roleArn, ...given } = options
  const call = agentCalls(given)
  return {
    async get({ secretId, versionStage, versionId }, options) {
      const query = { secretId, versionStage, versionId, roleArn, ...(refreshNow && { refreshNow: 'true' }) }
      return valueFrom(await call({ path: '/secretsmanager/get', query, secretId }, options))
    },
  }
}
