import { BoundedStore } from './entries/bounded-store.js'
import type { Entry } from './entries/entry.js'
import { Records } from './entries/records.js'
import type { SecretRecord } from './entries/secret-record.js'
import { Emitter } from './events/emitter.js'
import { type EventOf, eventTypes, type SecretCacheEvent } from './events/events.js'
import type { ListenerOptions, Listening } from './events/listening.js'
import { type Counters, newCounters, type SecretCacheStats } from './events/stats.js'
import { SecretCacheError } from './failures/errors.js'
import { errorFor, type Failure } from './failures/failure.js'
import { describe, type Fetch, Loader, live } from './loads/loader.js'
import { aFunction, anything, aSignal, aText, checkOptions } from './options/check-options.js'
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
import { type WarmupResult, warmup } from './reads/warmup.js'
import { RotationListener, type RotationResult } from './rotations/rotation-listener.js'
import type { DeepReadonly } from './secrets/deep-readonly.js'
import { HeldVersion } from './secrets/held-version.js'
import type { Secret } from './secrets/secret.js'
import { checkSecretId } from './secrets/secret-id.js'
import type { SecretSource } from './secrets/source.js'
import { isSchemaOrNone, type OutputOf, type StandardSchema } from './secrets/standard-schema.js'
import type { CompleteClock } from './time/clock.js'
import { untilAborted } from './time/until-aborted.js'
import type { WriteAccess } from './write-access.js'

/** What `withSecret` takes. */
export interface WithSecretOptions {
  /**
   * Tells whether what `use` threw means that the secret was refused. Then, if there is a newer version, `use` runs once more. If it
   * throws itself, the secret was not refused.
   */
  isAuthError: (error: unknown) => boolean
  /** A staging label. @default the cache's own, AWSCURRENT */
  versionStage?: string | undefined
  /** Ends the waiting for the secret, and for a newer version. */
  signal?: AbortSignal | undefined
}

/** What `warmup` takes beside the ids. */
export interface WarmupOptions {
  /** Ends this caller's waiting; the loads go on. */
  signal?: AbortSignal | undefined
}

/** All of a `SecretCache` but where its secrets come from: what is made of this class alone holds no byte of the AWS SDK. */
export class SourceCache implements SecretReader, AsyncDisposable {
  readonly #clock: CompleteClock
  readonly #store: BoundedStore<string | Entry, Entry>
  readonly #records: Records
  readonly #source: SecretSource
  readonly #loader: Loader
  readonly #reader: Reader
  readonly #rotations: RotationListener
  readonly #emitter = new Emitter<SecretCacheEvent>(eventTypes)
  readonly #counters: Counters = newCounters()
  readonly #versionStage: string
  #saidThatBatchesAreRefused = false
  #closing: Promise<void> | undefined

  protected constructor(options: CheckedOptions, source: SecretSource) {
    const { allowedAccounts, clock, maxEntries } = options
    this.#clock = clock
    this.#versionStage = options.versionStage
    this.#source = source
    this.#store = new BoundedStore(maxEntries, entry => this.#evict(entry))
    this.#records = new Records(options, (from, into) => this.#mergeEntries(from, into))
    this.#loader = new Loader({
      source,
      repeats: source.singleAttempt === true,
      allowedAccounts,
      clock,
      records: this.#records,
      store: this.#store,
      emitter: this.#emitter,
      counters: this.#counters,
    })
    this.#rotations = new RotationListener(options, this.#records, this.#loader)
    this.#reader = new Reader(this.#loader, clock, this.#emitter, this.#counters)
  }

  /**
   * The text of a secret. Until its value changes, every read is given the same promise.
   *
   * Rejects with ERR_SECRET_FORMAT if the secret is binary.
   */
  getSecretString(secretId: string, options?: ReadOptions): Promise<string> {
    const held = this.#hit(secretId, options)
    return held !== undefined ? held.textPromise(secretId) : this.#get(secretId, options, read => read.textPromise(secretId))
  }

  /** The bytes of a binary secret: a fresh copy for each read. Rejects with ERR_SECRET_FORMAT if the secret is text. */
  getSecretBinary(secretId: string, options?: ReadOptions): Promise<Buffer> {
    return this.#get(secretId, options, async held => held.bytes(secretId))
  }

  /**
   * A secret's text as JSON: parsed and validated once per version and schema, frozen deep.
   *
   * The schema is of any library that follows Standard Schema, or `DatabaseSecret`. Without one, the type is the caller's word. Rejects
   * with ERR_SECRET_FORMAT if the text is no JSON, and with ERR_SECRET_SCHEMA, naming the fields, if the schema refuses the current version.
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

  /** A version of a secret with all that is known of it. */
  getSecret(secretId: string, options?: ReadOptions): Promise<Secret> {
    const held = this.#hit(secretId, options)
    return held !== undefined ? held.asPromise() : this.#get(secretId, options, read => read.asPromise())
  }

  /** What a read could be given at once, or undefined. Never loads, and counts for nothing. */
  peek(secretId: string, options?: PeekOptions): Secret | undefined {
    if (options !== undefined) checkPeekOptions(options)
    const now = this.#clock.now()
    const state = options === undefined ? this.#store.peek(secretId)?.state : undefined
    if (state?.kind === 'held' && state.held.isFreshAt(now)) return state.held.secret
    const entry = this.#known(secretId, options)
    return entry === undefined || entry.phaseAt(now) === 'gone' ? undefined : entry.held?.secret
  }

  /**
   * Loads now, whatever the TTL and any pause after a failure say, and resolves with what that brings.
   *
   * Calls at the same time share a load; for each secret five are made at once and then one a second, so an endless loop waits instead of
   * flooding AWS. If it fails, the old value stays.
   */
  async refreshNow(secretId: string, options: RefreshOptions = {}): Promise<Secret> {
    checkRefreshOptions(options)
    const { ifVersion, versionStage, signal } = options
    const entry = this.#entry(secretId, { ...(versionStage !== undefined && { versionStage }), ...(signal && { signal }) })
    const outcome = await this.#loader.refresh(entry, entry.record.refreshId ?? secretId, { ifVersion, signal })
    if ('held' in outcome) return outcome.held.secret
    throw errorFor(outcome.failure, secretId)
  }

  /** Makes the next read of a secret, in all its stages, wait for a load that begins after now. */
  invalidate(secretId: string): void {
    for (const entry of this.#invalidated(secretId)) entry.invalidate()
  }

  /** Forgets a secret. A load under way still answers who waits for it. */
  delete(secretId: string): void {
    for (const entry of this.#invalidated(secretId)) {
      this.#store.remove(entry.key)
      entry.empty()
      this.#loader.dispose(entry)
    }
  }

  /**
   * Loads many secrets with few calls: before a service takes traffic, or in the init phase of a function.
   *
   * Never rejects for a secret: the report has one result for each id, in the order of the ids. It rejects only with the signal's reason.
   *
   * @example
   * const report = await secrets.warmup(['prod/db', 'prod/api-key'], { signal: AbortSignal.timeout(5_000) })
   * for (const { secretId, outcome } of report) console.info(secretId, outcome)
   */
  async warmup(secretIds: readonly string[], options: WarmupOptions = {}): Promise<WarmupResult[]> {
    if (!Array.isArray(secretIds)) throw new TypeError('warmup takes a list of secret ids.')
    checkOptions('warmup', options, { signal: aSignal })
    options.signal?.throwIfAborted()
    const report = warmup(secretIds, {
      source: this.#source,
      entryOf: secretId => this.#entry(secretId, undefined),
      isFresh: entry => entry.phaseAt(this.#clock.now()) === 'fresh',
      load: (entry, secretId, fetch) => this.#warm(entry, secretId, fetch),
      mayBatch: this.#versionStage === 'AWSCURRENT',
      onRefused: (failure, secretId) => this.#batchRefused(failure, secretId),
    })
    return untilAborted(report, options.signal)
  }

  /**
   * Calls `use` with a secret. If that fails because the secret was refused, and there is a newer version, calls it once more with that.
   *
   * @example
   * const isAuthError = (error: unknown) => error instanceof HttpError && error.status === 401
   * await secrets.withSecret('prod/api-key', key => callApi(key.text()), { isAuthError })
   */
  async withSecret<T>(secretId: string, use: (secret: Secret) => T | Promise<T>, options: WithSecretOptions): Promise<T> {
    if (typeof options?.isAuthError !== 'function')
      throw new TypeError(
        'withSecret needs { isAuthError }: a function that tells whether an error means that the secret was refused.',
      )
    checkOptions('withSecret', options, { isAuthError: aFunction, versionStage: aText, signal: aSignal })
    const { isAuthError, ...place } = options
    const secret = await this.getSecret(
      secretId,
      place.versionStage === undefined && place.signal === undefined ? undefined : place,
    )
    try {
      return await use(secret)
    } catch (refusal) {
      if (!tellsRefusal(isAuthError, refusal)) throw refusal
      const newer = await this.#newerThan(secret, secretId, place)
      if (newer === undefined) throw refusal
      return use(newer)
    }
  }

  /**
   * Takes what any transport delivers (an event of EventBridge, an SNS notification, an SQS message or its body, the event of a Lambda
   * function; as object or text) and refreshes the secrets that have changed.
   *
   * It trusts its caller: what comes over an open port must be verified first, as `awscurrent/sns` does. Resolves with what was done
   * about each event, and never rejects.
   */
  async handleRotationEvent(payload: unknown): Promise<RotationResult[]> {
    if (this.#closing !== undefined) return [{ outcome: 'rejected', reason: 'ERR_SECRET_CACHE_CLOSED' }]
    return this.#rotations.handle(payload)
  }

  /**
   * Reads everything that is kept again, behind the readers and spread over `refreshSpreadMs`, at least a second: after a gap in
   * which events may have been missed. `listenToQueue` of `awscurrent/sqs` calls it.
   */
  revalidate(): void {
    this.#rotations.revalidate()
  }

  /**
   * The text that a reference names: `valueFrom` of an ECS container definition, or a text with `{{resolve:secretsmanager:…}}` of
   * CloudFormation in it. A JSON value that is no string comes as it stands in the secret.
   *
   * Rejects with ERR_SECRET_REQUEST if a reference is malformed, and with ERR_SECRET_FORMAT if the secret has no such field.
   *
   * @example
   * await secrets.resolve('postgres://app:{{resolve:secretsmanager:prod/db:SecretString:password}}@db/app')
   */
  async resolve(reference: string, options: ResolveOptions = {}): Promise<string> {
    if (typeof reference !== 'string') throw new TypeError('resolve takes a reference as text.')
    checkResolveOptions(options)
    return resolveReferences(reference, async ({ secretId, jsonKey, ...place }) => {
      const text = await this.getSecretString(secretId, { ...place, signal: options.signal })
      return jsonKey === undefined ? text : fieldAsText(text, jsonKey, secretId)
    })
  }

  /**
   * A typed view of one secret: pass it to what needs the secret and nothing else of the cache.
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
      onRotated: listener => this.#follow(secretId, listener),
    })
  }

  /**
   * Adds a listener. The function it returns removes it; so do the signal, the first event with `once`, and the end of a block with
   * `using`.
   *
   * What a listener throws or rejects with is an uncaught exception and breaks no load. An `error` that nobody listens for does no harm.
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

  /** Counts since the cache was made. */
  stats(): SecretCacheStats {
    return { ...this.#counters, entries: this.#store.size }
  }

  /** Resolves once no load is under way. Before a function's process is frozen, wait for this. */
  idle(): Promise<void> {
    return this.#loader.idle()
  }

  /**
   * Forgets all secrets and closes the client that the cache made. Reads from now on reject with ERR_SECRET_CACHE_CLOSED; those that
   * already wait for a load still get its answer, and `close` resolves after them.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Closes the cache: what `await using` calls. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The clock that the cache runs on; what follows a secret of it runs on the same. */
  get clock(): CompleteClock {
    return this.#clock
  }

  /** The inside of the cache, for `awscurrent/admin`: a `WriteAccess`, which is nobody else's concern. @internal */
  writeAccess(): object {
    const access: WriteAccess = {
      source: this.#source,
      clock: this.#clock,
      versionStage: this.#versionStage,
      loader: this.#loader,
      records: this.#records,
    }
    return access
  }

  /** The shortest way to a fresh value: a look-up by the id it was first read by, and a look at the clock. */
  #hit(secretId: string, options: ReadOptions | undefined): HeldVersion | undefined {
    if (options !== undefined) return undefined
    const state = this.#store.use(secretId)?.state
    if (state?.kind !== 'held' || !state.held.isFreshAt(this.#clock.now())) return undefined
    this.#counters.hits += 1
    return state.held
  }

  /** Every other way. */
  #get<T>(secretId: string, options: ReadOptions | undefined, view: (held: HeldVersion) => Promise<T>): Promise<T> {
    try {
      const entry = this.#entry(secretId, options)
      const held = this.#reader.read(entry, secretId, options?.signal)
      return held instanceof HeldVersion ? view(held) : held.then(view)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** The entry that a read is for, made if it is not there, marked as used. */
  #entry(secretId: string, options: ReadOptions = {}): Entry {
    this.#checkOpen(secretId)
    checkSecretId(secretId)
    checkReadOptions(options)
    options.signal?.throwIfAborted()
    const entry = this.#records.findOrAdd(secretId).entry(options)
    this.#store.use(entry.key)
    return entry
  }

  #known(secretId: string, options: ReadOptions = {}): Entry | undefined {
    checkSecretId(secretId)
    return this.#records.find(secretId)?.find(options)
  }

  /** Voids every load of a secret that is under way. Answers its entries. */
  #invalidated(secretId: string): Entry[] {
    checkSecretId(secretId)
    return this.#records.invalidate(secretId, this.#loader.nextSequence())?.entries() ?? []
  }

  #checkOpen(secretId: string): void {
    if (this.#closing === undefined) return
    throw new SecretCacheError({
      code: 'ERR_SECRET_CACHE_CLOSED',
      message: `The cache is closed; ${secretId} cannot be read from it any more.`,
      secretId,
    })
  }

  async #warm(entry: Entry, secretId: string, fetch: Fetch | undefined): Promise<HeldVersion> {
    const outcome = await (this.#loader.join(entry, secretId, fetch)?.wait() ?? entry.trouble)
    if (outcome === undefined) throw new Error('A pause is on without a failure before it.')
    if ('held' in outcome) return outcome.held
    throw errorFor(outcome.failure, secretId)
  }

  #batchRefused(failure: Failure, secretId: string): void {
    if (this.#saidThatBatchesAreRefused) return
    this.#saidThatBatchesAreRefused = true
    const error = batchRefusedError(failure)
    this.#emitter.emit('error', () => ({ ...describe(this.#records.findOrAdd(secretId).entry({})), error }))
  }

  async #newerThan(secret: Secret, secretId: string, place: ReadOptions): Promise<Secret | undefined> {
    try {
      const { versionId: ifVersion } = secret
      const current = await this.refreshNow(secretId, { ...place, ifVersion })
      return current.versionId === ifVersion ? undefined : current
    } catch {
      // What the caller must hear of is the refusal.
      return undefined
    }
  }

  /** Pins a secret and hears its rotations, by whatever form of its id they are noticed. */
  #follow(secretId: string, listener: (event: EventOf<'rotated'>) => void): () => void {
    const entry = this.#entry(secretId)
    const unlisten = this.#emitter.on('rotated', event => {
      if (event.arn === live(entry).record.arn && event.versionStage === this.#versionStage) listener(event)
    })
    this.#pin(entry, 1)
    let following = true
    return () => {
      if (!following) return
      following = false
      unlisten()
      this.#pin(live(entry), -1)
    }
  }

  #pin(entry: Entry, by: number): void {
    entry.pins += by
    if (entry.state.kind !== 'empty') this.#store.place(entry.key, entry)
    this.#loader.dispose(entry)
  }

  #evict(entry: Entry): void {
    this.#counters.evictions += 1
    this.#emitter.emit('evicted', () => describe(entry))
    entry.empty()
    this.#loader.dispose(entry)
  }

  /** Two records have turned out to be one secret's: who follows the one follows the other now. */
  #mergeEntries(from: SecretRecord, into: SecretRecord): void {
    for (const entry of from.entries()) {
      this.#store.remove(entry.key)
      entry.empty()
      if (entry.pinned) this.#pin(into.entry(entry.selector), entry.pins)
    }
  }

  async #close(): Promise<void> {
    for (const record of this.#records.all()) this.#records.forget(record)
    this.#store.clear()
    await this.#loader.close()
    await this.#source.close?.()
  }
}

function batchRefusedError({ code, cause }: Failure): SecretCacheError {
  const hint =
    code === 'ERR_SECRET_THROTTLED'
      ? 'BatchGetSecretValue allows 100 calls a second for the whole account.'
      : 'Warm-up of five secrets and more uses secretsmanager:BatchGetSecretValue; grant it on * to save calls.'
  return new SecretCacheError({
    code,
    message: `BatchGetSecretValue was refused, so secrets are read one by one: ${cause.message}`,
    cause,
    hint,
  })
}

/** What goes wrong in telling must not hide what is told: the error of the caller's own work. */
function tellsRefusal(isAuthError: WithSecretOptions['isAuthError'], error: unknown): boolean {
  try {
    return isAuthError(error)
  } catch {
    return false
  }
}
