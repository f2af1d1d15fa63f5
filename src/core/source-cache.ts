import { isFresh } from './entries/freshness.js'
import { HeldVersion } from './entries/held-version.js'
import { SecretIndex } from './entries/secret-index.js'
import type { Place } from './entries/selector.js'
import { doubtAges } from './entries/set-back.js'
import { Emitter } from './events/emitter.js'
import { type EventOf, eventTypes, type SecretCacheEvent } from './events/events.js'
import type { ListenerOptions, Listening } from './events/listening.js'
import { newCounters, type SecretCacheStats } from './events/stats.js'
import { SecretCacheError } from './failures/errors.js'
import { errorFor } from './failures/failure.js'
import { closeSource } from './loads/close-source.js'
import { followRotations } from './loads/following.js'
import { forget } from './loads/forget.js'
import type { LoadContext } from './loads/load-context.js'
import { Loader } from './loads/loader.js'
import type { ParameterSource } from './loads/parameter-source.js'
import { Slots } from './loads/slots.js'
import { Writes } from './loads/writes.js'
import { anything, aSignal, checkOptions } from './options/check-options.js'
import { checkListenerOptions } from './options/listener-options.js'
import type { CheckedOptions } from './options/options.js'
import {
  checkPeekOptions,
  checkReadOptions,
  checkRefreshOptions,
  type PeekOptions,
  type ReadOptions,
  type RefreshOptions,
} from './options/read-options.js'
import { fieldAsText } from './reads/json-field.js'
import { Reader } from './reads/reader.js'
import { checkResolveOptions, type ResolveOptions, resolveReferences } from './reads/reference.js'
import { createHandle, type SecretHandle } from './reads/secret-handle.js'
import type { SecretReader } from './reads/secret-reader.js'
import { type WarmupOptions, type WarmupResult, warmup } from './reads/warmup.js'
import { WarmupLoads } from './reads/warmup-loads.js'
import { type WithSecretOptions, withSecret } from './reads/with-secret.js'
import { RotationListener } from './rotations/rotation-listener.js'
import type { RotationResult } from './rotations/rotation-result.js'
import type { DeepReadonly } from './secrets/deep-readonly.js'
import type { Secret } from './secrets/secret.js'
import { checkSecretId } from './secrets/secret-id.js'
import type { SecretSource } from './secrets/source.js'
import { isSchemaOrNone, type OutputOf, type StandardSchema } from './secrets/standard-schema.js'
import type { CompleteClock } from './time/clock.js'
import { KeepAlive } from './time/keep-alive.js'
import { Sequence } from './time/sequence.js'
import { SteadyClock } from './time/steady-clock.js'
import { untilAborted } from './time/until-aborted.js'

/** A `SecretCache` without its default source: a bundle with this class alone contains no byte of the AWS SDK. */
export class SourceCache implements SecretReader, AsyncDisposable {
  readonly #clock: SteadyClock
  readonly #wallClock: CompleteClock
  readonly #index: SecretIndex
  readonly #context: LoadContext
  readonly #loader: Loader
  readonly #reader: Reader
  readonly #rotations: RotationListener
  readonly #writes: Writes
  readonly #warmupLoads: WarmupLoads
  readonly #emitter: Emitter<SecretCacheEvent> = new Emitter(eventTypes)
  readonly #counters = newCounters()
  #closing: Promise<void> | undefined

  protected constructor(options: CheckedOptions, source: SecretSource) {
    const clock = new SteadyClock(options.clock, byMs => doubtAges(this.#index.all(), byMs, this.#clock.now()))
    const slots = new Slots()
    this.#clock = clock
    this.#wallClock = options.clock
    this.#index = new SecretIndex(options, clock, slots)
    this.#context = {
      source,
      parameters: (source as Partial<ParameterSource>).parameters,
      repeats: source.singleAttempt === true,
      allowedAccounts: options.allowedAccounts,
      clock,
      sequence: new Sequence(),
      index: this.#index,
      emitter: this.#emitter,
      counters: this.#counters,
      keepAlive: new KeepAlive(),
    }
    this.#loader = new Loader(this.#context, slots)
    this.#rotations = new RotationListener(options, this.#context, this.#loader)
    this.#reader = new Reader(this.#context, this.#loader)
    this.#writes = new Writes(this.#context, this.#loader, options.versionStage)
    this.#warmupLoads = new WarmupLoads(this.#context, this.#loader, secretId => this.#checkReadable(secretId))
    source.subscribe?.(event => void this.handleRotationEvent(event))
  }

  /**
   * Reads the text of a secret. Until the value changes, every read returns the same promise.
   *
   * Rejects with ERR_SECRET_FORMAT if the secret is binary.
   */
  getSecretString(secretId: string, options?: ReadOptions): Promise<string> {
    const held = this.#hit(secretId, options)
    return held !== undefined ? held.textPromise(secretId) : this.#get(secretId, options, read => read.textPromise(secretId))
  }

  /** Reads the bytes of a binary secret: a new copy for each read. Rejects with ERR_SECRET_FORMAT if the secret is text. */
  getSecretBinary(secretId: string, options?: ReadOptions): Promise<Buffer> {
    return this.#get(secretId, options, async held => held.bytes(secretId))
  }

  /**
   * Reads the text of a secret as JSON, parsed and validated once per version and schema, and deeply frozen.
   *
   * The schema comes from any library that follows Standard Schema, or is `DatabaseSecret`. Without one, the type argument is not checked.
   * Rejects with ERR_SECRET_FORMAT if the text is not JSON, and with ERR_SECRET_SCHEMA, which names the fields, if the schema rejects it.
   *
   * @example
   * const { username, password } = await secrets.getSecretJson('prod/db', DatabaseSecret)
   * const previous = await secrets.getSecretJson<{ key: string }>('prod/api', { versionStage: 'AWSPREVIOUS' })
   */
  getSecretJson<Schema extends StandardSchema>(
    secretId: string,
    schema: Schema,
    options?: ReadOptions,
  ): Promise<DeepReadonly<OutputOf<Schema>>>
  getSecretJson<T = unknown>(secretId: string, options?: ReadOptions): Promise<DeepReadonly<T>>
  getSecretJson<T = unknown>(
    secretId: string,
    schema: StandardSchema<T> | undefined,
    options?: ReadOptions,
  ): Promise<DeepReadonly<T>>
  getSecretJson(secretId: string, schemaOrOptions?: StandardSchema | ReadOptions, inThirdPlace?: ReadOptions): Promise<unknown> {
    return isSchemaOrNone(schemaOrOptions)
      ? this.#getJson(secretId, schemaOrOptions, inThirdPlace)
      : this.#getJson(secretId, undefined, schemaOrOptions)
  }

  #getJson(secretId: string, schema: StandardSchema | undefined, options: ReadOptions | undefined): Promise<unknown> {
    const held = this.#hit(secretId, options)
    return held !== undefined
      ? held.jsonPromise(schema, secretId)
      : this.#get(secretId, options, read => untilAborted(read.jsonPromise(schema, secretId), options?.signal))
  }

  /** Reads one version of a secret, with its ARN, version id and age. */
  getSecret(secretId: string, options?: ReadOptions): Promise<Secret> {
    const held = this.#hit(secretId, options)
    return held !== undefined ? held.asPromise() : this.#get(secretId, options, read => read.asPromise())
  }

  /** Returns what is held, if it may be served at least in an outage; otherwise undefined. Never loads, and counts neither as a hit nor as use. */
  peek(secretId: string, options?: PeekOptions): Secret | undefined {
    if (options !== undefined) checkPeekOptions(options)
    if (options === undefined) {
      const now = this.#clock.now()
      const held = this.#index.peek(secretId)?.held
      if (held !== undefined && isFresh(held, now)) return held.secret
    }
    checkSecretId(secretId)
    return this.#reader.peek(this.#placeOf(secretId, options))?.secret
  }

  /**
   * Loads a secret now, regardless of its TTL and of any pause after a failure, and resolves with the new value.
   *
   * Concurrent calls share a load. Each secret may be refreshed five times in a row, and then once a second, so an endless loop waits instead
   * of flooding AWS. If the load fails, the promise rejects with its error, and the old value is kept.
   *
   * @example
   * const used = await secrets.getSecret('prod/api-key')
   * const newer = await secrets.refreshNow('prod/api-key', { ifVersion: used.versionId })
   */
  async refreshNow(secretId: string, options: RefreshOptions = {}): Promise<Secret> {
    checkRefreshOptions(options)
    const { ifVersion, versionStage, signal } = options
    this.#checkReadable(secretId, signal)
    const outcome = await this.#loader.refresh(this.#placeOf(secretId, { versionStage }), { ifVersion, signal })
    if ('held' in outcome) return outcome.held.secret
    throw errorFor(outcome.failure, secretId)
  }

  /** Makes the next read of a secret, in all its stages, wait for a load that begins after this call. */
  invalidate(secretId: string): void {
    checkSecretId(secretId)
    this.#index.invalidate(secretId, this.#context.sequence.next())
  }

  /** Removes a secret from the cache. Readers that wait for a load under way still get its result. */
  delete(secretId: string): void {
    checkSecretId(secretId)
    forget(this.#context, secretId)
  }

  /**
   * Loads many secrets with few calls: before a service takes traffic, or in the init phase of a function.
   *
   * Pass an array, a Set or another iterable. If five or more have to be loaded, BatchGetSecretValue reads them, at most fifty calls a second.
   * A secret that fails does not reject the promise: the report has one result for each id, in the same order. `kept: false` means that a
   * secret was loaded and then evicted, because there are more than `maxEntries`. Rejects with the reason of the signal if that aborts.
   *
   * @example
   * const report = await secrets.warmup(['prod/db', 'prod/api-key'], { signal: AbortSignal.timeout(5_000) })
   * for (const { secretId, outcome } of report) console.info(secretId, outcome)
   */
  async warmup(secretIds: Iterable<string>, options: WarmupOptions = {}): Promise<WarmupResult[]> {
    checkOptions('warmup', options, { signal: aSignal })
    return warmup(secretIds, this.#warmupLoads, options.signal)
  }

  /**
   * Calls `use` with a secret, and once more with a newer version if the first one was rejected and there is a newer one.
   *
   * Use it for an API key or a login that a rotation may invalidate. Rejects with the error that `use` throws, or as `getSecret` does.
   *
   * @example
   * const isAuthError = (error: unknown) => error instanceof HttpError && error.status === 401
   * await secrets.withSecret('prod/api-key', key => callApi(key.text()), { isAuthError })
   */
  async withSecret<T>(secretId: string, use: (secret: Secret) => T | Promise<T>, options: WithSecretOptions): Promise<T> {
    return withSecret(this, secretId, use, options)
  }

  /**
   * Refreshes the secrets that a rotation event names, in the form in which any transport delivers it: an event of EventBridge, an SNS
   * notification, an SQS message or its body, or the event of a Lambda function, as an object or as text.
   *
   * It trusts its caller: verify what arrives over an open port first, as `awscurrent/sns` does. Resolves with the result for each event,
   * and never rejects.
   *
   * @example
   * const onMessage = async (body: string) => console.info(await secrets.handleRotationEvent(body))
   */
  async handleRotationEvent(payload: unknown): Promise<RotationResult[]> {
    if (this.#closing !== undefined) return [{ outcome: 'rejected', reason: 'ERR_SECRET_CACHE_CLOSED' }]
    return this.#rotations.handle(payload)
  }

  /**
   * Loads all kept secrets again in the background, spread over `refreshSpreadMs` but at least a second: for use after a gap in which
   * events may have been missed. `listenToQueue` of `awscurrent/sqs` calls it.
   */
  revalidate(): void {
    this.#rotations.revalidate()
  }

  /**
   * Reads the text that a reference names: a `valueFrom` of an ECS container definition, or a text that contains
   * `{{resolve:secretsmanager:…}}` of CloudFormation. A JSON value that is not a string is returned exactly as written in the secret.
   *
   * Rejects with ERR_SECRET_REQUEST if a reference is malformed, and with ERR_SECRET_FORMAT if the secret has no such field.
   *
   * @example
   * await secrets.resolve('postgres://app:{{resolve:secretsmanager:prod/db:SecretString:password}}@db/app')
   */
  async resolve(reference: string, options: ResolveOptions = {}): Promise<string> {
    if (typeof reference !== 'string') throw new TypeError('resolve takes a reference as text.')
    checkResolveOptions(options)
    return resolveReferences(
      reference,
      async ({ secretId, jsonKey, ...place }) => {
        const text = await this.getSecretString(secretId, { ...place, signal: options.signal })
        return jsonKey === undefined ? text : fieldAsText(text, jsonKey, secretId)
      },
      this.#context.parameters,
    )
  }

  /**
   * Creates a typed view of one secret: pass it to code that needs this secret and nothing else of the cache. Makes no call.
   *
   * @example
   * const db = secrets.handle('prod/db', { schema: DatabaseSecret })
   * const { username, password } = await db.get()
   */
  handle<Schema extends StandardSchema>(secretId: string, options: { schema: Schema }): SecretHandle<OutputOf<Schema>>
  handle<T = unknown>(secretId: string, options?: { schema?: StandardSchema<T> | undefined }): SecretHandle<T>
  handle(secretId: string, options: { schema?: StandardSchema | undefined } = {}): SecretHandle<unknown> {
    checkSecretId(secretId)
    checkOptions('handle', options, { schema: anything })
    const { schema } = options
    return createHandle(secretId, schema, {
      get: given => this.getSecretJson(secretId, schema, given),
      peek: () => this.peek(secretId),
      onRotated: listener => {
        this.#checkReadable(secretId)
        return followRotations(this.#context, this.#placeOf(secretId), listener)
      },
    })
  }

  /**
   * Adds a listener. Call the returned function to remove it, or use `signal`, `once` or a `using` declaration.
   *
   * An error that a listener throws or rejects with becomes an uncaught exception and breaks no load. An `error` event without a listener
   * is ignored.
   *
   * @example
   * secrets.on('error', ({ error }) => console.warn(error.message))
   */
  on<Type extends SecretCacheEvent['type']>(
    type: Type,
    listener: (event: EventOf<Type>) => void,
    options?: ListenerOptions,
  ): Listening {
    checkListenerOptions(options)
    return this.#emitter.on(type, listener, options)
  }

  /** Returns the counters since the cache was created. */
  stats(): SecretCacheStats {
    return { ...this.#counters, entries: this.#index.size }
  }

  /** Resolves once no load is under way. Wait for it before the process of a function is frozen. */
  idle(): Promise<void> {
    return this.#loader.idle()
  }

  /**
   * Removes all secrets and closes the source, or the client that the cache created. Later reads reject with ERR_SECRET_CACHE_CLOSED.
   * Reads that already wait for a load still get its result, and `close` resolves after them. Rejects if the source fails to close.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Closes the cache; `await using` calls it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The clock of the cache. Pools and clients that follow one of its secrets use it too. */
  get clock(): CompleteClock {
    return this.#wallClock
  }

  /** The internals that other entries of this package use. @internal */
  inside(): object {
    return this.#writes
  }

  /** The fast path to a fresh value: one map lookup and one clock read. */
  #hit(secretId: string, options: ReadOptions | undefined): HeldVersion | undefined {
    if (options !== undefined) return undefined
    const now = this.#clock.now()
    const held = this.#index.use(secretId)?.held
    if (held === undefined || !isFresh(held, now)) return undefined
    this.#counters.hits += 1
    return held
  }

  /** Every other read. */
  #get<T>(secretId: string, options: ReadOptions | undefined, view: (held: HeldVersion) => Promise<T>): Promise<T> {
    try {
      if (options !== undefined) checkReadOptions(options)
      this.#checkReadable(secretId, options?.signal)
      const held = this.#reader.read(this.#placeOf(secretId, options), options?.signal)
      return held instanceof HeldVersion ? view(held) : held.then(view)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #placeOf(secretId: string, { versionStage, versionId }: ReadOptions = {}): Place {
    const isOwn = versionId === undefined && versionStage === undefined
    return { secretId, selector: isOwn ? this.#index.selector : { versionStage, versionId } }
  }

  #checkReadable(secretId: string, signal?: AbortSignal): void {
    if (this.#closing !== undefined) {
      throw new SecretCacheError({
        code: 'ERR_SECRET_CACHE_CLOSED',
        message: `The cache is closed, so ${secretId} can no longer be read from it.`,
        secretId,
      })
    }
    checkSecretId(secretId, this.#context.parameters !== undefined)
    signal?.throwIfAborted()
  }

  async #close(): Promise<void> {
    this.#index.close()
    await this.#loader.close()
    await Promise.all(this.#writes.underWay.values())
    this.#index.clear()
    await closeSource(this.#context)
  }
}
