import { failureFrom, isIdleReset } from '../core/failures/failure.js'
import { checkAnswer } from '../core/loads/answer.js'
import { type ConfiguredClient, regionOf } from '../core/loads/client-config.js'
import { sdkSource } from '../core/loads/sdk-source.js'
import { hasMethod } from '../core/options/check-options.js'
import type { SecretsManagerClientLike } from '../core/options/options.js'
import { inRegion, isArn, isMeant, nameInFullArn, parseSecretArn } from '../core/secrets/secret-id.js'
import type { SecretRequest, SecretSource, SecretValue, SecretValues } from '../core/secrets/source.js'

/** What reads one Region: a client of the AWS SDK v3, which stays the caller's to close, or a `SecretSource`. */
export type RegionOrigin = SecretsManagerClientLike | SecretSource

/** How the resource of every full ARN ends, and that of some partial ones. */
const fullArnForm = /.-[A-Za-z0-9]{6}$/

/** One Region, asked by the ids that lead to a secret there: the ARN of a replica is that of the secret but for the Region. */
export class Region {
  readonly #source: SecretSource
  readonly #client: ConfiguredClient | undefined
  readonly #isPrimary: boolean
  #name: string | undefined

  constructor(origin: RegionOrigin, { isPrimary }: { isPrimary: boolean }) {
    const isSource = hasMethod(origin, 'get')
    this.#source = isSource ? (origin as SecretSource) : sdkSource({ client: origin as SecretsManagerClientLike })
    this.#client = isSource ? undefined : (origin as object)
    this.#isPrimary = isPrimary
  }

  /** Its name, as soon as the client or an answer has told it. */
  get name(): string | undefined {
    return this.#name
  }

  /** Its name, if a client is to be asked for it. */
  async findName(): Promise<string | undefined> {
    this.#name ??= await regionOf(this.#client)
    return this.#name
  }

  get hasBatches(): boolean {
    return this.#source.getMany !== undefined
  }

  /** Whether further attempts are left to the cache. */
  get singleAttempt(): boolean {
    return this.#source.singleAttempt === true
  }

  /** The account of its credentials, once it is known. */
  get accountId(): string | undefined {
    return this.#source.accountId
  }

  async get(request: SecretRequest, signal: AbortSignal): Promise<SecretValue> {
    const { secretId } = request
    const read = async (id: string): Promise<SecretValue> => {
      const asked = { ...request, secretId: id }
      return this.#learn(await twiceIfReset(newConnection => this.#source.get(asked, { signal, newConnection })), asked)
    }
    const known = await this.#idHere(secretId)
    if (known !== undefined) return read(known)
    for (const name of namesIn(secretId)) {
      const value = await read(name).catch(undefinedIfDenied)
      if (value !== undefined && isMeant(secretId, value)) return value
    }
    throw new Error('There is no such secret in this Region.')
  }

  async getMany(secretIds: readonly string[], signal: AbortSignal): Promise<SecretValues> {
    const idsHere = await Promise.all(secretIds.map(async id => (await this.#idHere(id)) ?? namesIn(id)[0]))
    const ask = async (newConnection?: true): Promise<Partial<SecretValues>> =>
      (await this.#source.getMany?.(idsHere, { signal, newConnection })) ?? {}
    const { values = [], errors = [] } = await twiceIfReset(ask)
    return { values: values.map(value => this.#learn(value)), errors: errors.filter(error => error !== null) }
  }

  async close(): Promise<void> {
    await this.#source.close?.()
  }

  /** By what to ask for a secret here; undefined for an ARN as long as this Region's name is not known. */
  async #idHere(secretId: string): Promise<string | undefined> {
    const name = await this.findName()
    if (name !== undefined) return inRegion(secretId, name)
    return this.#isPrimary || !isArn(secretId) ? secretId : undefined
  }

  /** Lets an answer through and learns from it. One that is none is a failure of the Region, which another may make good. */
  #learn(answer: SecretValue, asked?: SecretRequest): SecretValue {
    const value = checkAnswer(answer, asked)
    this.#name ??= parseSecretArn(value.arn)?.region
    return value
  }
}

/** What the secret of an ARN may be called. A partial ARN may look like a full one: only an answer tells which name is right. */
function namesIn(arn: string): [string, ...string[]] {
  const { resource = arn } = parseSecretArn(arn) ?? {}
  return fullArnForm.test(resource) ? [nameInFullArn(resource), resource] : [resource]
}

function undefinedIfDenied(error: unknown): undefined {
  if (failureFrom(error).kind !== 'denied') throw error
}

/** A connection that was closed while it was idle says nothing of the Region, and others of it may be closed as well. */
function twiceIfReset<T>(ask: (newConnection?: true) => Promise<T>): Promise<T> {
  return ask().catch(error => {
    if (!isIdleReset(error)) throw error
    return ask(true)
  })
}
