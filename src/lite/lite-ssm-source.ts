import type { SecretSource } from '../core/secrets/source.js'
import { completeClock } from '../core/time/clock.js'
import type { Parameter } from '../parameters/parameter.js'
import { parameterSource, withSelector } from '../parameters/parameter-source.js'
import { checkLiteOptions, type LiteSourceOptions } from './lite-options.js'
import { parameterStore } from './parameter-store.js'
import { openService } from './service.js'

/** A parameter in AWS JSON 1.1: a date as seconds since the epoch. */
interface WireParameter extends Omit<Parameter, 'LastModifiedDate'> {
  readonly LastModifiedDate?: number
}

/** The outputs of the calls in AWS JSON. */
interface Outputs {
  GetParameter: { Parameter?: WireParameter }
  GetParameters: { Parameters?: WireParameter[] }
}

/**
 * Creates a source that reads parameters of Systems Manager Parameter Store without the AWS SDK: as `ssmSource` of `awscurrent/ssm` does, by
 * the means of `liteSource`.
 *
 * @example
 * import { SecretCache } from 'awscurrent/cache'
 * import { liteSsmSource } from 'awscurrent/lite'
 *
 * const config = new SecretCache({ source: liteSsmSource({ region: 'eu-west-1' }) })
 */
export function liteSsmSource(options: LiteSourceOptions = {}): SecretSource {
  const checked = checkLiteOptions('liteSsmSource', options)
  const clock = completeClock(checked.clock)
  const service = openService<Outputs>(parameterStore, checked, clock)
  const parameters = parameterSource(
    {
      region: () => service.region,
      async getParameter(name, selector, given) {
        const input = { Name: withSelector(name, selector), WithDecryption: true }
        const { Parameter } = await service.call('GetParameter', input, given)
        return Parameter && fromWire(Parameter)
      },
      async getParameters(Names, given) {
        const { Parameters = [] } = await service.call('GetParameters', { Names, WithDecryption: true }, given)
        return Parameters.map(fromWire)
      },
    },
    clock,
  )
  return { singleAttempt: true, ...parameters, close: service.close }
}

function fromWire({ LastModifiedDate, ...parameter }: WireParameter): Parameter {
  return LastModifiedDate === undefined
    ? parameter
    : { ...parameter, LastModifiedDate: new Date(Math.round(LastModifiedDate * 1_000)) }
}
