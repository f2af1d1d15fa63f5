import { SecretCacheError } from '../../core/failures/errors.js'
import { type CompleteClock, completeClock } from '../../core/time/clock.js'
import type { FakeCall } from '../call-log.js'
import { createClient, type FakeClient } from '../fake-client.js'
import { referencedClock } from '../fake-options.js'
import type { FakeSecretsManager } from '../fake-secrets-manager.js'
import { FakeService } from '../fake-service.js'
import { type FakeServer, listen } from '../http/server.js'
import { Listeners } from '../listeners.js'
import { changeEvent, type ParameterOperation, type ParameterStoreChangeEvent } from './change-event.js'
import type { FakeParameterFault } from './fault.js'
import { keyOf } from './names.js'
import type { FakeParameterOperation } from './operations/table.js'
import {
  checkFakeParameterStoreOptions,
  checkSettings,
  type FakeParameterSettings,
  type FakeParameterStoreOptions,
} from './options.js'
import type { Parameter } from './parameter.js'
import { ParameterStore } from './parameter-store.js'
import { ParameterStoreService, type Surroundings } from './parameter-store-service.js'
import { RateLimit } from './rate-limit.js'

/** One version of a parameter in the fake. */
export interface FakeParameterVersion {
  /** The ARN of the parameter. */
  arn: string
  /** The name under which the parameter was created. */
  name: string
  /** The number of the version. */
  version: number
}

/**
 * A fake SSM Parameter Store for tests, in process or over HTTP. It follows the service's rules for names, versions, labels, types and
 * sizes, and fails with the service's errors.
 *
 * Pass its `client()` to the code under test, or the endpoint of `listen()` to any AWS SDK. Anything that the fake does not implement fails
 * with the code `ERR_FAKE_UNEXPECTED` and a list of what there is; it never invents a response.
 *
 * ```ts
 * const fake = new FakeParameterStore({ parameters: { '/app/key': 'one', '/app/hosts': { type: 'StringList', value: 'a,b' } } })
 * const client = fake.client()
 * fake.onEvent(event => console.log(event.detail.operation))
 * fake.put('/app/key', 'two')
 * fake.inject({ operation: 'GetParameter', error: 'ThrottlingException', times: 2 })
 * ```
 */
export class FakeParameterStore {
  /** The Region of its parameters; requests over HTTP must be signed for it. */
  readonly region: string
  /** The account of its parameters. */
  readonly accountId: string
  readonly #store: ParameterStore
  readonly #service: FakeService<FakeParameterOperation>
  readonly #clock: CompleteClock
  readonly #listeners = new Listeners<ParameterStoreChangeEvent>()

  constructor(options: FakeParameterStoreOptions = {}) {
    const checked = checkFakeParameterStoreOptions(options)
    const { region = 'eu-west-1', accountId = '123456789012', parameters = {}, secrets, readsPerSecond } = checked
    const clock = completeClock(checked.clock ?? referencedClock)
    this.region = region
    this.accountId = accountId
    this.#clock = clock
    this.#store = new ParameterStore({ region, accountId, onChange: this.#tellOfChange.bind(this) })
    const limit = readsPerSecond === undefined ? undefined : new RateLimit(readsPerSecond, clock.elapsedMs)
    const surroundings = { region, accountId, now: clock.now, limit, readSecret: secretReader(secrets) }
    this.#service = new FakeService(new ParameterStoreService(this.#store, surroundings), clock)
    for (const [name, parameter] of Object.entries(parameters)) {
      const { value, ...settings } = typeof parameter === 'string' ? { value: parameter } : parameter
      this.put(name, value, settings)
    }
  }

  /** A replacement for the SDK's `SSMClient`, in process. */
  client(): FakeClient {
    return createClient(this.#service)
  }

  /** Serves HTTP on 127.0.0.1, on a free port unless one is given. Requests must be signed, with any key. */
  listen({ port = 0 }: { port?: number } = {}): Promise<FakeServer> {
    return listen(this.#service, this.region, port)
  }

  /** Creates a parameter, or adds a version to an existing one. */
  put(name: string, value: string, settings: FakeParameterSettings = {}): FakeParameterVersion {
    const { type, tier, description, keyId } = checkSettings(settings)
    const isNew = this.#store.find(keyOf(name)) === undefined
    const { Version } = this.perform('PutParameter', {
      Name: name,
      Value: value,
      Type: type ?? (isNew ? 'SecureString' : undefined),
      Tier: tier,
      Description: description,
      KeyId: keyId,
      Overwrite: true,
    })
    return { ...this.#identityOf(name), version: Number(Version) }
  }

  /** Deletes a parameter with all its versions. Created again, it starts with version 1. */
  delete(name: string): void {
    this.perform('DeleteParameter', { Name: name })
  }

  /** Moves labels to a version, the latest unless another is given. */
  label(name: string, labels: readonly string[], { version }: { version?: number } = {}): FakeParameterVersion {
    const input = { Name: name, Labels: [...labels], ParameterVersion: version }
    const { InvalidLabels, ParameterVersion } = this.perform('LabelParameterVersion', input)
    const invalid = InvalidLabels as string[]
    if (invalid.length > 0) {
      throw new TypeError(
        `Parameter Store does not attach these labels: ${invalid.join(', ')}. A label cannot begin with a number, "aws" or "ssm".`,
      )
    }
    return { ...this.#identityOf(name), version: Number(ParameterVersion) }
  }

  /** Runs an operation at once, without counting it and without faults: `perform('DeleteParameters', { Names: ['/app/key'] })`. */
  perform(operation: FakeParameterOperation, input: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    return this.#service.perform(operation, input)
  }

  /** Makes calls fail or stall from now on; the returned function ends that. */
  inject(fault: FakeParameterFault): () => void {
    return this.#service.faults.inject(fault, fault.name)
  }

  /** Ends every fault. A call that hangs keeps hanging. */
  recover(): void {
    this.#service.faults.recover()
  }

  /** The calls so far, the oldest first, without the values of parameters. */
  get calls(): readonly FakeCall<FakeParameterOperation>[] {
    return [...this.#service.calls]
  }

  /** The number of calls, of one operation or of all. */
  count(operation?: FakeParameterOperation): number {
    return this.#service.count(operation)
  }

  /** Resets the list and the number of calls. */
  resetCalls(): void {
    this.#service.calls.length = 0
  }

  /** Calls `listener` with each event that the service would send to EventBridge; the returned function ends that. */
  onEvent(listener: (event: ParameterStoreChangeEvent) => unknown): () => void {
    return this.#listeners.add(listener)
  }

  #identityOf(name: string): { arn: string; name: string } {
    const { arn, name: createdAs } = this.#store.find(keyOf(name.trim()))!
    return { arn, name: createdAs }
  }

  #tellOfChange(operation: ParameterOperation, parameter: Parameter): void {
    const where = { region: this.region, accountId: this.accountId, atMs: this.#clock.now() }
    this.#listeners.tell(changeEvent(operation, parameter, where))
  }
}

/** Reads the secrets that parameters refer to. Such a read is not a call to the fake of Secrets Manager, and meets none of its faults. */
function secretReader(secrets: FakeSecretsManager | undefined): Surroundings['readSecret'] {
  if (secrets !== undefined) return input => secrets.perform('GetSecretValue', input)
  return () => {
    throw new SecretCacheError({
      code: 'ERR_FAKE_UNEXPECTED',
      message: 'This FakeParameterStore has no secrets to refer to.',
      hint: 'Pass a FakeSecretsManager as its option `secrets`.',
    })
  }
}
