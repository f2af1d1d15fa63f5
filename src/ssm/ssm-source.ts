import { loadPeer } from '../core/failures/peer.js'
import { sdkCalls } from '../core/loads/sdk-calls.js'
import { aClient, aClock, aText, checkOptions } from '../core/options/check-options.js'
import type { SecretSource } from '../core/secrets/source.js'
import { type Clock, completeClock } from '../core/time/clock.js'
import type { Parameter } from '../parameters/parameter.js'
import { parameterSource, withSelector } from '../parameters/parameter-source.js'

/** An `SSMClient` of the AWS SDK v3, or anything else with its `send` method. */
export interface SsmClientLike {
  /** Sends a command and resolves with the response of the service. */
  send(command: never, options?: never): Promise<unknown>
}

/** The options of `ssmSource`. Pass at most one of `region` and `client`. */
export interface SsmSourceOptions {
  /** The Region of the client that the source creates with the first read. @default what the AWS SDK finds, such as AWS_REGION */
  region?: string | undefined
  /** Your own client. It keeps its own retries, and `close` does not close it. */
  client?: SsmClientLike | undefined
  /** The clock of the pauses, such as that of your tests. @default the clock of the machine */
  clock?: Clock | undefined
}

type Sdk = typeof import('@aws-sdk/client-ssm')

/**
 * Creates a source that reads parameters of Systems Manager Parameter Store as a cache reads secrets: by their names or ARNs, and always
 * decrypted.
 *
 * A parameter's `versionId` is the number of its version. AWSCURRENT is its last version, AWSPREVIOUS the one before, any other
 * `versionStage` a label of its own. Events of Parameter Store are rotation events to the cache, and `resolve` reads references to
 * parameters. A list stays the text that it is. Wrong options throw a `TypeError`.
 *
 * @example
 * const config = new SecretCache({ source: ssmSource({ region: 'eu-west-1' }) })
 * const url = await config.getSecretString('/shop/prod/payment-url')
 */
export function ssmSource(options: SsmSourceOptions = {}): SecretSource {
  checkOptions('ssmSource', options, { region: aText, client: aClient, clock: aClock })
  const { client, region, clock } = options
  if (client !== undefined && region !== undefined) {
    throw new TypeError('Pass one of region and client, not both: each says where the parameters come from.')
  }
  const calls = sdkCalls<Sdk>({
    load: () => loadPeer('@aws-sdk/client-ssm', () => import('@aws-sdk/client-ssm')),
    create: ({ SSMClient }, config) => new SSMClient(config),
    client,
    region,
  })
  const parameters = parameterSource(
    {
      region: () => calls.region(),
      async getParameter(name, selector, given) {
        const input = { Name: withSelector(name, selector), WithDecryption: true }
        const { Parameter } = await calls.send<{ Parameter?: Parameter }>(sdk => new sdk.GetParameterCommand(input), given)
        return Parameter
      },
      async getParameters(Names, given) {
        const input = { Names, WithDecryption: true }
        const { Parameters } = await calls.send<{ Parameters?: Parameter[] }>(sdk => new sdk.GetParametersCommand(input), given)
        return Parameters ?? []
      },
    },
    completeClock(clock),
  )
  return {
    singleAttempt: client === undefined,
    get accountId() {
      return calls.accountId
    },
    ...parameters,
    close: async () => calls.close(),
  }
}
