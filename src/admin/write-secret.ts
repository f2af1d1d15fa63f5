import { checkAnswer } from '../core/loads/answer.js'
import { LoadFailed } from '../core/loads/attempts.js'
import { aClient, aText, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { Secret } from '../core/secrets/secret.js'
import type { SecretValue } from '../core/secrets/source.js'
import { adminError } from './admin-error.js'
import { type AdministeredCache, type AdminOptions, accessTo } from './administered-cache.js'
import { checkAccount } from './check-account.js'
import { inTurn } from './in-turn.js'
import { type Answered, type Call, send } from './send.js'

/** The value of a secret: text, or the bytes of a binary secret. */
export type SecretContent = string | Uint8Array

/** What `createSecret` takes beside name and value. */
export interface CreateSecretOptions extends AdminOptions {
  /** What the console shows of the secret. Not confidential. */
  description?: string | undefined
  /** @default the key aws/secretsmanager, which no other account can use */
  kmsKeyId?: string | undefined
  /** Tags by name, which policies and bills may be based on. Not confidential. */
  tags?: Readonly<Record<string, string>> | undefined
}

/** What `putSecretValue` takes beside id and value. */
export interface PutSecretValueOptions extends AdminOptions {
  /** The staging labels of the new version. @default AWSCURRENT */
  versionStages?: readonly string[] | undefined
}

const createRules: Readonly<Record<string, OptionRule>> = {
  client: aClient,
  description: aText,
  kmsKeyId: aText,
  tags: value => (isObject(value) && Object.values(value).every(tag => typeof tag === 'string') ? undefined : 'texts by name'),
}

const putRules: Readonly<Record<string, OptionRule>> = {
  client: aClient,
  versionStages: value =>
    Array.isArray(value) && value.length > 0 && value.every(stage => aText(stage) === undefined)
      ? undefined
      : 'a list of staging labels',
}

/**
 * Makes a secret. When it resolves, readers of the cache are given the value without a call.
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
  const { description, kmsKeyId, tags, client } = options
  const Tags = tags && Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  const input = { Name: name, Description: description, KmsKeyId: kmsKeyId, Tags, ...inputOf(value) }
  const call = { access: accessTo(cache, name), secretId: name, client, operation: 'CreateSecret', input } as const
  return write(call, ['AWSCURRENT'])
}

/**
 * Adds a version to a secret. When it resolves, readers of the cache are given it at once, whatever loads are under way and however
 * late the service itself is consistent. With `versionStages` that leave out the cache's own label, readers are given what they were.
 *
 * Calls for one secret follow each other. One that fails for a transient reason may have been carried out; the next read then asks the service.
 *
 * @example
 * import { randomUUID } from 'node:crypto'
 * await putSecretValue(secrets, 'prod/api-key', randomUUID())
 */
export async function putSecretValue(
  cache: AdministeredCache,
  secretId: string,
  value: SecretContent,
  options: PutSecretValueOptions = {},
): Promise<Secret> {
  checkOptions('putSecretValue', options, putRules)
  const { versionStages = ['AWSCURRENT'], client } = options
  const input = { SecretId: secretId, VersionStages: [...versionStages], ...inputOf(value) }
  const call = { access: accessTo(cache, secretId), secretId, client, operation: 'PutSecretValue', input } as const
  return write(call, input.VersionStages)
}

interface ValueInput {
  SecretString?: string
  SecretBinary?: Uint8Array
}

type WriteCall = Call & { readonly input: ValueInput }

function write(call: WriteCall, stages: readonly string[]): Promise<Secret> {
  const { access, secretId, operation, input } = call
  return inTurn(call, async () => {
    // Awaited only where there is something to check: the write begins in the turn in which it is called.
    const checked = checkAccount(call)
    if (checked !== undefined) await checked
    const begin = access.begin(secretId)
    const answer = await send(call, () => access.doubt(secretId, stages))
    try {
      return await access.learn(secretId, checkAnswer(writtenBy(input, stages, answer)), begin)
    } catch (thrown) {
      access.doubt(secretId, stages)
      throw thrown instanceof LoadFailed ? adminError(thrown.failure, { secretId, operation, mayBeDone: true }) : thrown
    }
  })
}

/** The version that was written, as far as the answer says what it is. */
function writtenBy({ SecretString, SecretBinary }: ValueInput, stages: readonly string[], answer: Answered): SecretValue {
  const { ARN, Name, VersionId, VersionStages = stages } = (answer as Answered | null | undefined) ?? {}
  return {
    // What an answer lacks is noticed where all answers are checked.
    arn: ARN as string,
    name: Name as string,
    versionId: VersionId as string,
    versionStages: VersionStages,
    ...(SecretString !== undefined && { string: SecretString }),
    ...(SecretBinary !== undefined && { binary: SecretBinary }),
  }
}

function inputOf(value: SecretContent): ValueInput {
  if (typeof value === 'string') return { SecretString: value }
  // A copy: what the caller does to the bytes while they are under way must not part the cache from the service.
  if (value instanceof Uint8Array) return { SecretBinary: Uint8Array.from(value) }
  throw new TypeError('The value of a secret is a string or a Uint8Array.')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
