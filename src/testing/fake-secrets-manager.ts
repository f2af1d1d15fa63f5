import { completeClock } from '../core/time/clock.js'
import type { FakeCall } from './call-log.js'
import { createClient, type FakeClient } from './fake-client.js'
import { checkFakeOptions, type FakeSecretsManagerOptions, referencedClock } from './fake-options.js'
import { FakeService } from './fake-service.js'
import { createSource, type FakeSource } from './fake-source.js'
import type { FakeFault } from './faults.js'
import { type FakeServer, listen } from './http/server.js'
import { labelEvent, type SecretLabelUpdatedEvent } from './label-event.js'
import { Listeners } from './listeners.js'
import { addVersion, type NewValue } from './operations/new-version.js'
import type { FakeOperation } from './operations/table.js'
import { type FakeSecretValue, rotatedValue, toNewValue } from './rotated-value.js'
import { type FakeRotation, Rotations } from './rotations.js'
import { labelledVersion } from './secret-state.js'
import { SecretStore, type StoredSecret } from './secret-store.js'
import { SecretsManagerService } from './secrets-manager-service.js'

/** The ids of one version of a secret in the fake. */
export interface FakeVersion {
  /** The full ARN of the secret. */
  arn: string
  /** The name of the secret. */
  name: string
  /** The id of the version. */
  versionId: string
}

/**
 * A fake Secrets Manager for tests, in process or over HTTP. It follows the service's rules for secrets, versions and staging labels, and
 * fails with the service's errors.
 *
 * Pass its `client()` to the code under test, or the endpoint of `listen()` to any AWS SDK. Anything that the fake does not implement fails
 * with the code `ERR_FAKE_UNEXPECTED` and a list of what there is; it never invents a response.
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
  readonly #service: FakeService<FakeOperation>
  readonly #now: () => number
  readonly #listeners = new Listeners<SecretLabelUpdatedEvent>()

  constructor(options: FakeSecretsManagerOptions = {}) {
    const { region = 'eu-west-1', accountId = '123456789012', secrets = {}, rotation } = checkFakeOptions(options)
    const clock = completeClock(options.clock ?? referencedClock)
    this.region = region
    this.accountId = accountId
    this.#now = clock.now
    this.#store = new SecretStore({ region, accountId, now: clock.now, onLabel: this.#tellOfLabel.bind(this) })
    this.#rotations = new Rotations(rotation, this.#store, clock.now)
    this.#service = new FakeService(new SecretsManagerService(this.#store, this.#rotations, clock.now), clock)
    for (const [name, value] of Object.entries(secrets)) this.create(name, value)
  }

  /** A replacement for the SDK's `SecretsManagerClient`, in process. */
  client(): FakeClient {
    return createClient(this.#service)
  }

  /** A `SecretSource`, for a cache without an SDK. */
  source(): FakeSource {
    return createSource(this.#service)
  }

  /** Serves HTTP on 127.0.0.1, on a free port unless one is given. Requests must be signed, with any key. */
  listen({ port = 0 }: { port?: number } = {}): Promise<FakeServer> {
    return listen(this.#service, this.region, port)
  }

  /** Creates a secret. */
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
   * Moves AWSCURRENT to a new version, as a completed rotation does, and returns the event that the service sends. Without a value it
   * generates one: a new `password` in a JSON object that has one, otherwise new text or new bytes.
   */
  rotate(secretId: string, value?: FakeSecretValue): SecretLabelUpdatedEvent {
    const secret = this.#store.requireLive(secretId)
    const next: NewValue =
      value === undefined ? rotatedValue(labelledVersion(secret.state, 'AWSCURRENT') ?? {}) : toNewValue(value)
    const context = { store: this.#store, now: this.#now }
    return this.#eventOf(() => addVersion(secret, this.#store.nextVersionId(), next, ['AWSCURRENT'], context))
  }

  /** Moves AWSCURRENT to an existing version, newer or older, and returns the event that the service sends. */
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

  /** Runs an operation at once, without counting it and without faults: `perform('DeleteSecret', { SecretId: 'prod/db' })`. */
  perform(operation: FakeOperation, input: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    return this.#service.perform(operation, input)
  }

  /** Makes calls fail or stall from now on; the returned function ends that. */
  inject(fault: FakeFault): () => void {
    return this.#service.faults.inject(fault, fault.secretId)
  }

  /** Ends every fault. A call that hangs keeps hanging. */
  recover(): void {
    this.#service.faults.recover()
  }

  /** The calls so far, the oldest first, without the values of secrets. */
  get calls(): readonly FakeCall[] {
    return [...this.#service.calls]
  }

  /** The number of calls, of one operation or of all. */
  count(operation?: FakeOperation): number {
    return this.#service.count(operation)
  }

  /** Resets the list and the number of calls. */
  resetCalls(): void {
    this.#service.calls.length = 0
  }

  /** Calls `listener` with each event that the service would send to EventBridge; the returned function ends that. */
  onEvent(listener: (event: SecretLabelUpdatedEvent) => unknown): () => void {
    return this.#listeners.add(listener)
  }

  /** The rotations that RotateSecret has started, the oldest first. */
  get rotations(): readonly FakeRotation[] {
    return this.#rotations.log.map(rotation => ({ ...rotation }))
  }

  /** Resolves when no rotation is running; whether they succeeded is in `rotations`. */
  idle(): Promise<void> {
    return this.#rotations.idle()
  }

  #current({ arn, name, state }: StoredSecret): FakeVersion {
    return { arn, name, versionId: state.labels.get('AWSCURRENT') ?? '' }
  }

  #tellOfLabel({ arn, name }: StoredSecret, label: string, versionId: string): void {
    const event = labelEvent({ arn, name, label, versionId, region: this.region, accountId: this.accountId, atMs: this.#now() })
    if (event !== undefined) this.#listeners.tell(event)
  }

  /** The event that a change sends. A change that moves nothing is a mistake in the test. */
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
