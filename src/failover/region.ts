import { failureFrom, isIdleReset } from '../core/failures/failure.js'
import { checkAnswer } from '../core/loads/answer.js'
import { type ConfiguredClient, regionOf } from '../core/loads/client-config.js'
import { sdkSource } from '../core/loads/sdk-source.js'
import { hasMethod } from '../core/options/check-options.js'
import type { SecretsManagerClientLike } from '../core/options/options.js'
import { inRegion, isArn, isMeant, nameInFullArn, parseSecretArn } from '../core/secrets/secret-id.js'
import type { SecretRequest, SecretSource, SecretValue, SecretValues } from '../core/secrets/source.js'

/** The source of one Region: a client of the AWS SDK v3, which the caller has to close, or a `SecretSource`. */
export type RegionOrigin = SecretsManagerClientLike | SecretSource

/** The form of the resource of every full ARN, and of some partial ones. */
const fullArnForm = /.-[A-Za-z0-9]{6}$/

/** One Region. It translates ids, because the ARN of a replica differs from that of the primary in the Region. */
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

  /** The name of the Region, once the client or a response has shown it. */
  get name(): string | undefined {
    return this.#name
  }

  /** The name of the Region, from the configuration of the client if there is one. */
  async findName(): Promise<string | undefined> {
    this.#name ??= await regionOf(this.#client)
    return this.#name
  }

  get hasBatches(): boolean {
    return this.#source.getMany !== undefined
  }

  /** Whether retries are left to the cache. */
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

  /** The id of a secret in this Region; undefined for an ARN while the name of the Region is not known. */
  async #idHere(secretId: string): Promise<string | undefined> {
    const name = await this.findName()
    if (name !== undefined) return inRegion(secretId, name)
    return this.#isPrimary || !isArn(secretId) ? secretId : undefined
  }

  /** Checks a response and learns from it. A malformed one is a failure of the Region, so another one is read. */
  #learn(answer: SecretValue, asked?: SecretRequest): SecretValue {
    const value = checkAnswer(answer, asked)
    this.#name ??= parseSecretArn(value.arn)?.region
    return value
  }
}

/** The possible names of the secret of an ARN. A partial ARN may look like a full one: only a response shows which name is right. */
function namesIn(arn: string): [string, ...string[]] {
  const { resource = arn } = parseSecretArn(arn) ?? {}
  return fullArnForm.test(resource) ? [nameInFullArn(arn), resource] : [resource]
}

function undefinedIfDenied(error: unknown): undefined {
  if (failureFrom(error).kind !== 'denied') throw error
}

/** A connection that was closed while idle is no failure of the Region. Other idle ones may be closed too, so the retry uses a new one. */
function twiceIfReset<T>(ask: (newConnection?: true) => Promise<T>): Promise<T> {
  return ask().catch(error => {
    if (!isIdleReset(error)) throw error
    return ask(true)
  })
}
