import { partitionOf } from '../partition.js'
import type { ParameterOperation } from './change-event.js'
import { keyOf } from './names.js'
import type { Parameter, ParameterVersion } from './parameter.js'

/** The options of a store. */
export interface ParameterStoreOptions {
  region: string
  accountId: string
  /** Called when a parameter was changed. */
  onChange: (operation: ParameterOperation, parameter: Parameter) => void
}

/** Keeps the parameters of one account and Region. */
export class ParameterStore {
  readonly #options: ParameterStoreOptions
  readonly #parameters = new Map<string, Parameter>()
  /** What a parameter was before its last change. */
  readonly #before = new Map<string, Parameter>()

  constructor(options: ParameterStoreOptions) {
    this.#options = options
  }

  /** The parameter, or what it was before its last change, if it was anything. */
  find(key: string, old = false): Parameter | undefined {
    return (old ? this.#before.get(key) : undefined) ?? this.#parameters.get(key)
  }

  /** Every parameter, or what it was before its last change, in the order of their names. */
  all(isOld: (name: string) => boolean = () => false): Parameter[] {
    const known = new Map([...this.#before, ...this.#parameters])
    return [...known]
      .flatMap(([key, { name }]) => this.find(key, isOld(name)) ?? [])
      .sort((left, right) => (left.name < right.name ? -1 : 1))
  }

  /** Creates a parameter. One that is created again has the same ARN. */
  create(name: string, version: ParameterVersion): void {
    const key = keyOf(name)
    this.#set('Create', { arn: this.arnOf(key), name, versions: [version], labels: new Map() })
  }

  /** Adds a version, and removes those that are too many. */
  addVersion(parameter: Parameter, version: ParameterVersion, mostVersions: number): void {
    const [oldest = version, ...newer] = [...parameter.versions, version].slice(-mostVersions)
    this.#set('Update', { ...parameter, versions: [oldest, ...newer] })
  }

  setLabels(parameter: Parameter, labels: ReadonlyMap<string, number>, operation?: 'LabelParameterVersion'): void {
    this.#set(operation, { ...parameter, labels })
  }

  remove(parameter: Parameter): void {
    const key = keyOf(parameter.name)
    this.#parameters.delete(key)
    this.#before.set(key, parameter)
    this.#options.onChange('Delete', parameter)
  }

  arnOf(key: string): string {
    const { region, accountId } = this.#options
    return `arn:${partitionOf(region)}:ssm:${region}:${accountId}:parameter/${key}`
  }

  #set(operation: ParameterOperation | undefined, parameter: Parameter): void {
    const key = keyOf(parameter.name)
    const before = this.#parameters.get(key)
    if (before !== undefined) this.#before.set(key, before)
    this.#parameters.set(key, parameter)
    if (operation !== undefined) this.#options.onChange(operation, parameter)
  }
}
