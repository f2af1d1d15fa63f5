import type { CallFaults, ImitatedService } from '../fake-service.js'
import type { Input } from '../input.js'
import type { Output } from '../output.js'
import { ServiceError } from '../service-error.js'
import { isSameParameter, type Place } from './names.js'
import type { ParameterContext } from './operations/operation.js'
import { type FakeParameterOperation, operations } from './operations/table.js'
import type { ParameterStore } from './parameter-store.js'
import type { RateLimit } from './rate-limit.js'

/** What the service needs beside its parameters. */
export interface Surroundings extends Place {
  now(): number
  readSecret(input: Input): Output
  limit: RateLimit | undefined
}

/** The operations that share one quota. */
const limited: readonly string[] = ['GetParameter', 'GetParameters', 'GetParametersByPath']

/** Parameter Store, with the parameters of a store. */
export class ParameterStoreService implements ImitatedService<FakeParameterOperation> {
  readonly fake = 'FakeParameterStore'
  readonly sdkName = 'SSM'
  readonly signingName = 'ssm'
  readonly targetPrefix = 'AmazonSSM.'
  readonly operations: typeof operations = operations
  readonly confidential: readonly string[] = ['Value']
  readonly faultMember = 'name'
  readonly #store: ParameterStore
  readonly #surroundings: Surroundings

  constructor(store: ParameterStore, surroundings: Surroundings) {
    this.#store = store
    this.#surroundings = surroundings
  }

  resourcesIn({ Name, Names, Path }: Input): readonly string[] {
    return [Name, ...(Array.isArray(Names) ? Names : []), Path].filter(id => typeof id === 'string')
  }

  isSame(left: string, right: string): boolean {
    return isSameParameter(left, right)
  }

  admit(operation: FakeParameterOperation): void {
    const { limit } = this.#surroundings
    if (limit === undefined || !limited.includes(operation) || limit.take()) return
    throw new ServiceError('ThrottlingException', 'Rate exceeded')
  }

  run(operation: FakeParameterOperation, input: Input, { isOld }: CallFaults): Output {
    const { region, accountId, now, readSecret } = this.#surroundings
    const context: ParameterContext = { store: this.#store, region, accountId, now, readSecret, isOld }
    return operations[operation].run(input, context)
  }
}
