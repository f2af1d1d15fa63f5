import type { CallFaults, ImitatedService } from './fake-service.js'
import { faultError } from './fault-error.js'
import type { Input } from './input.js'
import { requireToken } from './operations/new-version.js'
import type { ServiceContext } from './operations/operation.js'
import { type FakeOperation, operations } from './operations/table.js'
import type { Output } from './output.js'
import type { Rotations } from './rotations.js'
import type { SecretStore } from './secret-store.js'

/** Secrets Manager, with the secrets of a store. */
export class SecretsManagerService implements ImitatedService<FakeOperation> {
  readonly fake = 'FakeSecretsManager'
  readonly sdkName = 'SecretsManager'
  readonly signingName = 'secretsmanager'
  readonly targetPrefix = 'secretsmanager.'
  readonly operations: typeof operations = operations
  readonly confidential: readonly string[] = ['SecretString', 'SecretBinary', 'RotationToken']
  readonly faultMember = 'secretId'
  readonly #store: SecretStore
  readonly #rotations: Rotations
  readonly #now: () => number

  constructor(store: SecretStore, rotations: Rotations, now: () => number) {
    this.#store = store
    this.#rotations = rotations
    this.#now = now
  }

  resourcesIn({ SecretId: secretId }: Input): readonly string[] {
    return typeof secretId === 'string' ? [secretId] : []
  }

  isSame(left: string, right: string): boolean {
    return left === right || (this.#store.find(left) ?? left) === (this.#store.find(right) ?? right)
  }

  admit(operation: FakeOperation, input: Input, fromWire: boolean): void {
    if (fromWire) requireToken(operation, input)
  }

  run(operation: FakeOperation, input: Input, faults: CallFaults): Output {
    return operations[operation].run(input, this.#contextOf(faults))
  }

  #contextOf({ isOld, takeForEntry }: CallFaults): ServiceContext {
    return {
      store: this.#store,
      rotations: this.#rotations,
      now: this.#now,
      stateOf: secret => (isOld(secret.arn) ? (secret.before ?? secret.state) : secret.state),
      faultOf: secretId => {
        const fault = takeForEntry('BatchGetSecretValue', 'GetSecretValue', secretId)
        return { error: faultError(fault, 'secretsmanager:GetSecretValue', secretId), old: fault.answer === 'old' }
      },
    }
  }
}
