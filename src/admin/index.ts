import type { SecretsManagerClientLike } from '../core/options.js'
import type { Secret } from '../core/secret.js'
import type { SecretCache } from '../core/secret-cache.js'
import { checkSecretId } from '../core/secret-id.js'
import type { WriteAccess, WriteOperation } from '../core/write-access.js'
import { send } from './send.js'
import { waitForMove } from './wait-for-move.js'

/** The value of a secret: text, or bytes of a binary secret. */
export type SecretContent = string | Uint8Array

/** A `SecretCache`. */
export type AdministeredCache = Pick<SecretCache, 'on' | 'peek' | 'refreshNow' | 'invalidate' | 'writeAccess'>

interface AdminOptions {
  /** The client that sends the call. @default the one that the cache reads by */
  client?: SecretsManagerClientLike
}

/** What `createSecret` takes beside name and value. */
export interface CreateSecretOptions extends AdminOptions {
  description?: string
  /** @default the key aws/secretsmanager, which no other account can use */
  kmsKeyId?: string
  tags?: Readonly<Record<string, string>>
}

/** What `putSecretValue` takes beside id and value. */
export interface PutSecretValueOptions extends AdminOptions {
  /** The staging labels of the new version. @default AWSCURRENT */
  versionStages?: readonly string[]
}

/** What `rotateNow` takes. */
export interface RotateNowOptions extends AdminOptions {
  /** How long to wait for the new version. @default 60_000 */
  waitMs?: number
}

/**
 * Makes a secret. When it resolves, readers of the cache are given the value without a call.
 *
 * @example
 * await createSecret(secrets, 'prod/api-key', key, { kmsKeyId: 'alias/secrets' })
 */
export async function createSecret(
  cache: AdministeredCache,
  name: string,
  value: SecretContent,
  { description, kmsKeyId, tags, client }: CreateSecretOptions = {},
): Promise<Secret> {
  return write(cache, name, value, client, 'CreateSecret', {
    Name: name,
    Description: description,
    KmsKeyId: kmsKeyId,
    Tags: tags && Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  })
}

/**
 * Adds a version to a secret. When it resolves, readers of the cache are given it at once, whatever loads are under way and however
 * late the service itself is consistent. With `versionStages` that leave out the cache's own label, readers are given what they were.
 *
 * @example
 * await putSecretValue(secrets, 'prod/api-key', newKey)
 */
export async function putSecretValue(
  cache: AdministeredCache,
  secretId: string,
  value: SecretContent,
  { versionStages = ['AWSCURRENT'], client }: PutSecretValueOptions = {},
): Promise<Secret> {
  const isList =
    Array.isArray(versionStages) && versionStages.length > 0 && versionStages.every(stage => typeof stage === 'string')
  if (!isList) throw new TypeError('versionStages must be a list of staging labels.')
  return write(cache, secretId, value, client, 'PutSecretValue', { SecretId: secretId, VersionStages: versionStages })
}

/**
 * Has Secrets Manager rotate a secret now, and resolves with the new version once the cache holds it: after a leak, from code.
 *
 * Rejects with ERR_SECRET_TIMEOUT if that takes longer than `waitMs`; the rotation goes on. One that is under way already is waited for.
 *
 * @example
 * const secret = await rotateNow(secrets, 'prod/db', { waitMs: 120_000 })
 */
export async function rotateNow(
  cache: AdministeredCache,
  secretId: string,
  { waitMs = 60_000, client }: RotateNowOptions = {},
): Promise<Secret> {
  if (!(typeof waitMs === 'number' && waitMs >= 0 && waitMs < Number.POSITIVE_INFINITY))
    throw new TypeError('waitMs must be a finite number of milliseconds, 0 or more.')
  const access = accessTo(cache, secretId)
  const { versionId: before } = await cache.refreshNow(secretId)
  const call = { access, secretId, client, operation: 'RotateSecret', input: { SecretId: secretId } } as const
  const asked = await send(call).catch(error => {
    // The service takes up a rotation that was left in the middle, and says so by an error.
    if (/previous rotation isn.t complete/i.test(error.message)) return undefined
    throw error
  })
  return waitForMove(cache, access.clock, { secretId, before, expected: asked?.VersionId, waitMs })
}

/** The last write of each cache: they follow each other, so that what is learned last is what was written last. */
const writes = new WeakMap<object, Promise<unknown>>()

function write(
  cache: AdministeredCache,
  secretId: string,
  value: SecretContent,
  client: SecretsManagerClientLike | undefined,
  operation: WriteOperation,
  input: object,
): Promise<Secret> {
  const access = accessTo(cache, secretId)
  const isText = typeof value === 'string'
  if (!isText && !(value instanceof Uint8Array)) throw new TypeError('The value of a secret is a string or a Uint8Array.')
  const call = { access, secretId, client, operation, input: { ...input, [isText ? 'SecretString' : 'SecretBinary']: value } }
  const task = async (): Promise<Secret> => {
    const {
      ARN = '',
      Name = '',
      VersionId = '',
      VersionStages = ['AWSCURRENT'],
    } = await send(call, () => cache.invalidate(secretId))
    const written = { arn: ARN, name: Name, versionId: VersionId, versionStages: VersionStages }
    return access.learn(secretId, isText ? { ...written, string: value } : { ...written, binary: value })
  }
  const done = (writes.get(cache) ?? Promise.resolve()).then(task)
  writes.set(
    cache,
    done.catch(() => {}),
  )
  return done
}

function accessTo(cache: AdministeredCache, secretId: string): WriteAccess {
  const access = (cache as Partial<AdministeredCache> | null | undefined)?.writeAccess?.()
  if (access === undefined) throw new TypeError('The first argument must be a SecretCache.')
  checkSecretId(secretId)
  return access
}
