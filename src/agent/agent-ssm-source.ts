import { checkOptions } from '../core/options/check-options.js'
import type { SecretSource } from '../core/secrets/source.js'
import { completeClock } from '../core/time/clock.js'
import type { Parameter } from '../parameters/parameter.js'
import { parameterSource } from '../parameters/parameter-source.js'
import { type AgentOptions, agentCalls, agentRules } from './agent-calls.js'
import { dateFrom, parse } from './value.js'

/**
 * Creates a source that reads parameters of Systems Manager Parameter Store from the AWS Parameters and Secrets Lambda Extension, as
 * `ssmSource` of `awscurrent/ssm` does. The agent reads secrets only.
 *
 * Turn the cache of the extension off, which notices no change: `SSM_PARAMETER_STORE_TTL=0`.
 *
 * ```ts
 * const config = new SecretCache({ source: agentSsmSource() })
 * ```
 */
export function agentSsmSource(options: AgentOptions = {}): SecretSource {
  checkOptions('agentSsmSource', options, agentRules)
  const call = agentCalls(options)
  return parameterSource(
    {
      // The extension reads the Region of its function.
      region: () => process.env.AWS_REGION || undefined,
      async getParameter(name, selector, given) {
        const isVersion = selector !== undefined && /^\d+$/.test(selector)
        const query = {
          name,
          version: isVersion ? selector : undefined,
          label: isVersion ? undefined : selector,
          withDecryption: 'true',
        }
        const { nextTurn } = given
        const body = await call({ path: '/systemsmanager/parameters/get', query, secretId: name, nextTurn }, given)
        return parameterIn(parse(body))
      },
    },
    completeClock(options.clock),
  )
}

function parameterIn(answer: object): Parameter | undefined {
  const { Parameter } = answer as { Parameter?: Omit<Parameter, 'LastModifiedDate'> & { LastModifiedDate?: unknown } }
  return Parameter && { ...Parameter, LastModifiedDate: dateFrom(Parameter.LastModifiedDate) }
}
