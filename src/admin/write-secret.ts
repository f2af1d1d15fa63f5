import { randomUUID } from 'node:crypto'
import { checkAnswer } from '../core/loads/answer.js'
import { LoadFailed } from '../core/loads/attempts.js'
import { checkOptions } from '../core/options/check-options.js'
import type { Secret } from '../core/secrets/secret.js'
import { untilAborted } from '../core/time/until-aborted.js'
import { adminError } from './admin-error.js'
import { type AdministeredCache, accessTo } from './administered-cache.js'
import { checkAccount } from './check-account.js'
import { inputOf, type SecretContent, type ValueInput } from './content.js'
import { inTurn } from './in-turn.js'
import { type Call, type Sent, send } from './send.js'
import type { Written } from './write-access.js'
import { type CreateSecretOptions, createRules, type PutSecretValueOptions, putRules } from './write-options.js'

/**
 * Creates a secret. When it resolves, readers of the cache get the value without a call.
 *
 * The value is text, bytes, or an object or array that is written as JSON. If you pass a `clientRequestToken`, a repetition of the call
 * creates nothing new, and the next read loads the secret, which may have changed since. Rejects with ERR_SECRET_REQUEST if the secret
 * exists already. After a transient failure the secret may exist, as the hint of the error says.
 *
 * @example
 * import { randomUUID } from 'node:crypto'
 * await createSecret(secrets, 'prod/api-key', randomUUID(), { kmsKeyId: 'alias/secrets' })
 */
export async function createSecret(
  cache: AdministeredCache,
  name: string,
  value: SecretContent,
  options: CreateSecretOptions = {},
): Promise<Secret> {
  checkOptions('createSecret', options, createRules)
  const { description, kmsKeyId, tags, client, signal, clientRequestToken } = options
  const Tags = tags && Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  const ClientRequestToken = clientRequestToken ?? randomUUID({ disableEntropyCache: true })
  const input = { Name: name, Description: description, KmsKeyId: kmsKeyId, Tags, ClientRequestToken, ...inputOf(value) }
  const access = accessTo(cache, name)
  const call = { access, secretId: name, client, signal, operation: 'CreateSecret', input } as const
  // The response names no labels. For a token that was not used before, it means that the version is current.
  return write(call, ['AWSCURRENT'], clientRequestToken === undefined ? ['AWSCURRENT'] : undefined)
}

/**
 * Adds a version to a secret. When it resolves, readers of the cache get the version at once, even if a load is under way or the service is
 * not consistent yet. If `versionStages` does not include the label that the cache reads, readers get the same version as before.
 *
 * The value is text, bytes, or an object or array that is written as JSON. Calls for one secret run one after another. A call that fails for
 * a transient reason may have been carried out, as the hint of the error says; then the next read loads the secret. It also does so if
 * another writer has replaced this version before the response arrived. An aborted call rejects with the reason of its signal.
 *
 * @example
 * import { randomUUID } from 'node:crypto'
 * await putSecretValue(secrets, 'prod/api', { key: randomUUID() }, { signal: AbortSignal.timeout(5_000) })
 */
export async function putSecretValue(
  cache: AdministeredCache,
  secretId: string,
  value: SecretContent,
  options: PutSecretValueOptions = {},
): Promise<Secret> {
  checkOptions('putSecretValue', options, putRules)
  const { versionStages = ['AWSCURRENT'], client, signal, clientRequestToken } = options
  const ClientRequestToken = clientRequestToken ?? randomUUID({ disableEntropyCache: true })
  const input = { SecretId: secretId, VersionStages: [...versionStages], ClientRequestToken, ...inputOf(value) }
  const access = accessTo(cache, secretId)
  const call = { access, secretId, client, signal, operation: 'PutSecretValue', input } as const
  return write(call, input.VersionStages)
}

type WriteCall = Call & { readonly input: ValueInput }

/** `asked`: the requested labels. `implied`: the labels of the version if the first response to its token names none. */
function write(call: WriteCall, asked: readonly string[], implied?: readonly string[]): Promise<Secret> {
  const { access, secretId, operation, input, signal, client } = call
  return inTurn(call, async () => {
    // Await only if there is something to check, so that the write otherwise begins in the turn of the call.
    const checked = checkAccount(call)
    if (checked !== undefined) await checked
    const begin = access.begin(secretId)
    const sent = await send(call, () => access.doubt(secretId, asked))
    try {
      const written = writtenBy(input, { sent, asked, implied })
      const id = client === undefined ? secretId : access.idOf(secretId, written.value)
      return await untilAborted(access.learn(id, written, begin), signal)
    } catch (thrown) {
      access.doubt(secretId, asked)
      throw thrown instanceof LoadFailed ? adminError(thrown.failure, { secretId, operation, fate: 'may be done' }) : thrown
    }
  })
}

interface Outcome {
  readonly sent: Sent
  readonly asked: readonly string[]
  readonly implied: readonly string[] | undefined
}

/** The written version, as far as the response shows it. */
function writtenBy({ SecretString, SecretBinary }: ValueInput, { sent, asked, implied }: Outcome): Written {
  const { ARN, Name, VersionId, VersionStages } = (sent.answer as Sent['answer'] | null | undefined) ?? {}
  const told = VersionStages ?? (sent.isRepetition ? undefined : implied)
  const value = checkAnswer({
    // `checkAnswer` reports missing fields, as for every response.
    arn: ARN as string,
    name: Name as string,
    versionId: VersionId as string,
    // A version that two later ones have replaced has no labels, and the response names none.
    versionStages: told ?? (sent.isRepetition ? [] : asked),
    ...(SecretString !== undefined && { string: SecretString }),
    ...(SecretBinary !== undefined && { binary: SecretBinary }),
  })
  return { value, asked, isTold: told !== undefined }
}
