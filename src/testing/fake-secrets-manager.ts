import { completeClock } from '../core/time/clock.js'
import type { FakeCall } from './call-log.js'
import { createClient, type FakeClient } from './fake-client.js'
import { checkFakeOptions, type FakeSecretsManagerOptions, referencedClock } from './fake-options.js'
import { FakeService } from './fake-service.js'
import { createSource, type FakeSource } from './fake-source.js'
import type { FakeFault } from './faults.js'
import { type FakeServer, listen } from './http/server.js'
import { labelEvent, type SecretLabelUpdatedEvent } from './label-event.js'
import { addVersion, type NewValue } from './operations/new-version.js'
import type { FakeOperation } from './operations/table.js'
import { type FakeSecretValue, rotatedValue, toNewValue } from './rotated-value.js'
import { type FakeRotation, Rotations } from './rotations.js'
import { labelledVersion } from './secret-state.js'
import { SecretStore, type StoredSecret } from './secret-store.js'

/** One version of a secret in the fake, by its ids. */
export interface FakeVersion {
  /** The full ARN of the secret. */
  arn: string
  /** The name of the secret. */
  name: string
  /** The id of the version. */
  versionId: string
}

/**
 * A Secrets Manager for tests: it keeps secrets, versions and staging labels by the service's rules and answers with the service's
 * errors, in process or over HTTP.
 *
 * Give a service under test its `client()`, or any AWS SDK the endpoint of `listen()`. What it was not made for is an error with
 * the code `ERR_FAKE_UNEXPECTED` that says what there is, never a made-up answer.
 *
 * ```ts
 * const fake = new FakeSecretsManager({ secrets: { 'prod/db': { username: 'app', password: 'one' } } })
 * const secrets = new SecretCache({ client: fake.client() })
 * fake.onEvent(event => secrets.handleRotationEvent(event))
 * fake.rotate('prod/db')
 * fake.inject({ operation: 'GetSecretValue', error: 'ThrottlingException', times: 2 })
 * ```
 */
export class FakeSecretsManager {
  /** The Region of its secrets; requests over HTTP must be signed for it. */
  readonly region: string
  /** The account of its secrets. */
  readonly accountId: string
  readonly #store: SecretStore
  readonly #rotations: Rotations
  readonly #service: FakeService
  readonly #now: () => number
  readonly #listeners = new Set<(event: SecretLabelUpdatedEvent) => unknown>()

  constructor(options: FakeSecretsManagerOptions = {}) {
    const { region = 'eu-west-1', accountId = '123456789012', secrets = {}, rotation } = checkFakeOptions(options)
    const clock = completeClock(options.clock ?? referencedClock)
    this.region = region
    this.accountId = accountId
    this.#now = clock.now
    this.#store = new SecretStore({ region, accountId, now: clock.now, onLabel: this.#tellOfLabel.bind(this) })
    this.#rotations = new Rotations(rotation, this.#store, clock.now)
    this.#service = new FakeService(this.#store, this.#rotations, clock)
    for (const [name, value] of Object.entries(secrets)) this.create(name, value)
  }

  /** A stand-in for the SDK's `SecretsManagerClient`, in process. */
  client(): FakeClient {
    return createClient(this.#service)
  }

  /** A `SecretSource`, for a cache without an SDK. */
  source(): FakeSource {
    return createSource(this.#service)
  }

  /** Serves HTTP on 127.0.0.1, on a free port unless one is given. Requests must be signed, by any key. */
  listen({ port = 0 }: { port?: number } = {}): Promise<FakeServer> {
    return listen(this.#service, this.region, port)
  }

  /** Makes a secret. */
  create(name: string, value: FakeSecretValue): FakeVersion {
    const { string, binary } = toNewValue(value)
    this.perform('CreateSecret', { Name: name, SecretString: string, SecretBinary: binary })
    return this.#current(this.#store.require(name))
  }

  /** Adds a version and attaches staging labels to it, AWSCURRENT unless others are given. */
  put(
    secretId: string,
    value: FakeSecretValue,
    { versionStages = ['AWSCURRENT'] }: { versionStages?: string[] } = {},
  ): FakeVersion {
    const { string, binary } = toNewValue(value)
    const input = { SecretId: secretId, SecretString: string, SecretBinary: binary, VersionStages: versionStages }
    const { ARN, Name, VersionId } = this.perform('PutSecretValue', input)
    return { arn: String(ARN), name: String(Name), versionId: String(VersionId) }
  }

  /**
   * Moves AWSCURRENT to a new version, as a finished rotation does, and returns the event that the service sends. Without a value
   * it makes one up: another `password` in a JSON object that has one, else another text or other bytes.
   */
  rotate(secretId: string, value?: FakeSecretValue): SecretLabelUpdatedEvent {
    const secret = this.#store.requireLive(secretId)
    const next: NewValue =
      value === undefined ? rotatedValue(labelledVersion(secret.state, 'AWSCURRENT') ?? {}) : toNewValue(value)
    const context = { store: this.#store, now: this.#now }
    return this.#eventOf(() => addVersion(secret, this.#store.nextVersionId(), next, ['AWSCURRENT'], context))
  }

  /** Moves AWSCURRENT to a version that is there already, forward or back, and returns the event that the service sends. */
  moveCurrent(secretId: string, versionId: string): SecretLabelUpdatedEvent {
    const secret = this.#store.requireLive(secretId)
    return this.#eventOf(() =>
      this.perform('UpdateSecretVersionStage', {
        SecretId: secretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: versionId,
        RemoveFromVersionId: secret.state.labels.get('AWSCURRENT'),
      }),
    )
  }

  /** Carries out an operation at once, uncounted and past all faults: `perform('DeleteSecret', { SecretId: 'prod/db' })`. */
  perform(operation: FakeOperation, input: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    return this.#service.perform(operation, input)
  }

  /** Makes calls go wrong from now on; the function it returns ends that. */
  inject(fault: FakeFault): () => void {
    return this.#service.faults.inject(fault)
  }

  /** Ends every fault. A call that hangs stays so. */
  recover(): void {
    this.#service.faults.recover()
  }

  /** The calls so far, the oldest first, without the values of secrets. */
  get calls(): readonly FakeCall[] {
    return [...this.#service.calls]
  }

  /** How many calls there were, of one operation or of all. */
  count(operation?: FakeOperation): number {
    return this.#service.calls.filter(call => operation === undefined || call.operation === operation).length
  }

  /** Counts from 0 again. */
  resetCalls(): void {
    this.#service.calls.length = 0
  }

  /** Calls `listener` with each event that the service would send to EventBridge; the function it returns ends that. */
  onEvent(listener: (event: SecretLabelUpdatedEvent) => unknown): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** The rotations that RotateSecret began, the oldest first. */
  get rotations(): readonly FakeRotation[] {
    return this.#rotations.log.map(rotation => ({ ...rotation }))
  }

  /** Resolves when no rotation runs; whether they succeeded is in `rotations`. */
  idle(): Promise<void> {
    return this.#rotations.idle()
  }

  #current({ arn, name, state }: StoredSecret): FakeVersion {
    return { arn, name, versionId: state.labels.get('AWSCURRENT') ?? '' }
  }

  #tellOfLabel({ arn, name }: StoredSecret, label: string, versionId: string): void {
    const event = labelEvent({ arn, name, label, versionId, region: this.region, accountId: this.accountId, atMs: this.#now() })
    if (event === undefined) return
    for (const listener of [...this.#listeners]) listener(event)
  }

  /** The event that a change sends; a change that moves nothing is the test's mistake. */
  #eventOf(change: () => unknown): SecretLabelUpdatedEvent {
    const events: SecretLabelUpdatedEvent[] = []
    const stop = this.onEvent(event => events.push(event))
    try {
      change()
    } finally {
      stop()
    }
    const [event] = events
    if (event === undefined) throw new TypeError('AWSCURRENT is at this version already: nothing moved.')
    return event
  }
}
