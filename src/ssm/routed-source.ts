import type { ParameterSource } from '../core/loads/parameter-source.js'
import { sdkSource } from '../core/loads/sdk-source.js'
import { aText, checkOptions, hasMethod, type OptionRule } from '../core/options/check-options.js'
import type { SecretsManagerClientLike } from '../core/options/options.js'
import type { SecretSource, SecretValue, SecretValues, SourceOptions } from '../core/secrets/source.js'
import type { WritableSource } from '../core/secrets/writable-source.js'
import { isParameterId } from '../parameters/parameter-id.js'
import { type SsmClientLike, ssmSource } from './ssm-source.js'

/** The options of `routedSource`. All are optional. */
export interface RoutedSourceOptions {
  /** Where secrets are read: a client of the AWS SDK v3, which you close, or a `SecretSource`. @default a client of its own */
  secrets?: SecretsManagerClientLike | SecretSource | undefined
  /** Where parameters are read: an `SSMClient`, which you close, or a `SecretSource` such as `ssmSource()`. @default `ssmSource()` */
  parameters?: SsmClientLike | SecretSource | undefined
  /** The Region of what is created here. @default what the AWS SDK finds, such as AWS_REGION */
  region?: string | undefined
}

const anOrigin: OptionRule = value =>
  hasMethod(value, 'get') || hasMethod(value, 'send') ? undefined : 'a SecretSource or a client of the AWS SDK v3'

/**
 * Creates a source of both, so that one cache holds secrets and parameters: ids that begin with a slash and ARNs of parameters go to
 * `parameters`, all others to `secrets`.
 *
 * A secret whose name begins with a slash is read by its ARN. A parameter whose name has no slash is read with one, since `/name` and
 * `name` are the same parameter. Wrong options throw a `TypeError`.
 *
 * @example
 * const cache = new SecretCache({ source: routedSource({ region: 'eu-west-1' }) })
 * const level = await cache.getSecretString('/shop/prod/log-level')
 * const { password } = await cache.getSecretJson('prod/db', DatabaseSecret)
 */
export function routedSource(options: RoutedSourceOptions = {}): SecretSource {
  checkOptions('routedSource', options, { secrets: anOrigin, parameters: anOrigin, region: aText })
  const { region } = options
  const secrets = sourceFrom(options.secrets, client => sdkSource({ client, region }))
  const parameters = sourceFrom(options.parameters, client => ssmSource(client === undefined ? { region } : { client }))
  const sourceOf = (secretId: string): SecretSource => (isParameterId(secretId) ? parameters : secrets)
  const { write } = secrets as Partial<WritableSource>
  const { parameters: rules } = parameters as Partial<ParameterSource>

  return {
    // If one of them leaves its retries to the cache, it would have a single attempt otherwise.
    singleAttempt: secrets.singleAttempt === true || parameters.singleAttempt === true,
    get accountId() {
      return secrets.accountId ?? parameters.accountId
    },
    async get(request, given) {
      const source = sourceOf(request.secretId)
      return apart(await source.get(request, given), source === parameters)
    },
    async getMany(secretIds, given) {
      const parts = await Promise.allSettled(
        [secrets, parameters].map(async source => {
          const ofSource = secretIds.filter(secretId => sourceOf(secretId) === source)
          const { values, errors } = await readPart(source, ofSource, given)
          return { values: values.map(value => apart(value, source === parameters)), errors }
        }),
      )
      // What is missing in the answer is read one by one: the failure of one service says nothing about the other.
      const read = parts.flatMap(part => (part.status === 'fulfilled' ? [part.value] : []))
      const [failed] = parts.flatMap(part => (part.status === 'rejected' ? [part] : []))
      if (failed !== undefined && read.every(({ values }) => values.length === 0)) throw failed.reason
      return { values: read.flatMap(({ values }) => values), errors: read.flatMap(({ errors }) => errors) }
    },
    subscribe(onEvent) {
      secrets.subscribe?.(onEvent)
      parameters.subscribe?.(onEvent)
    },
    async close() {
      await Promise.all([secrets, parameters].map(async source => source.close?.()))
    },
    ...(rules !== undefined && { parameters: rules }),
    ...(write !== undefined && { write: write.bind(secrets) }),
  }
}

/**
 * A value under a name that the other kind cannot have: ids that begin with a slash are parameters, and all others secrets. A secret whose
 * name begins with a slash is found by its ARN alone.
 */
function apart(value: SecretValue, isParameter: boolean): SecretValue {
  const { name } = value
  if (typeof name !== 'string' || name.startsWith('/') === isParameter) return value
  return { ...value, name: isParameter ? `/${name}` : `secret:${name}` }
}

function sourceFrom<Client extends object>(
  origin: Client | SecretSource | undefined,
  create: (client: Client | undefined) => SecretSource,
): SecretSource {
  return hasMethod(origin, 'get') ? (origin as SecretSource) : create(origin as Client | undefined)
}

async function readPart(source: SecretSource, secretIds: string[], options: SourceOptions): Promise<SecretValues> {
  const none = { values: [], errors: [] }
  return secretIds.length === 0 ? none : ((await source.getMany?.(secretIds, options)) ?? none)
}
