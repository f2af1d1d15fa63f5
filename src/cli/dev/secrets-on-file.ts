import { isDeepStrictEqual } from 'node:util'
import type { FakeParameterStore, FakeSecretsManager } from 'awscurrent/testing'
import type { SecretContent } from '../../local/parse-secrets.js'
import { isParameterId } from '../../parameters/parameter-id.js'
import { CliError } from '../cli-error.js'

/** What an edit has done, by name. */
export interface Edits {
  readonly added: string[]
  readonly changed: string[]
  readonly removed: string[]
}

/** What a file has, by name. */
export type Contents = ReadonlyMap<string, SecretContent>

/** The secrets and the parameters of a file, in fakes of both services. A name that begins with a slash is of a parameter. */
export class SecretsOnFile {
  readonly secrets: FakeSecretsManager
  readonly parameters: FakeParameterStore
  readonly #held = new Map<string, SecretContent>()
  /** Secrets that are scheduled for deletion; the service keeps their versions. */
  readonly #deleted = new Set<string>()

  constructor(secrets: FakeSecretsManager, parameters: FakeParameterStore) {
    this.secrets = secrets
    this.parameters = parameters
  }

  /** Makes the fakes hold what the file does. What they can hold they do; throws a `CliError` for the rest. */
  update(contents: Contents): Edits {
    const edits: Edits = { added: [], changed: [], removed: [] }
    const problems: unknown[] = []
    for (const [name, content] of contents) {
      const before = this.#held.get(name)
      if (isDeepStrictEqual(before, content)) continue
      try {
        this.#put(name, content)
        this.#held.set(name, content)
        edits[before === undefined ? 'added' : 'changed'].push(name)
      } catch (error) {
        problems.push(error)
      }
    }
    for (const name of this.#held.keys()) {
      if (contents.has(name)) continue
      this.#remove(name)
      edits.removed.push(name)
    }
    if (problems.length > 0) throw problems[0]
    return edits
  }

  #put(name: string, content: SecretContent): void {
    try {
      if (isParameterId(name)) this.#putParameter(name, content)
      else this.#putSecret(name, 'string' in content ? content.string : content.binary)
    } catch (error) {
      if (error instanceof CliError) throw error
      // The exceptions of the services name what is wrong, and quote no value.
      throw new CliError(`${JSON.stringify(name)} cannot be served: ${(error as Error).message}`)
    }
  }

  #putSecret(name: string, value: string | Uint8Array): void {
    if (this.#deleted.delete(name)) this.secrets.perform('RestoreSecret', { SecretId: name })
    else if (!this.#held.has(name)) {
      this.secrets.create(name, value)
      return
    }
    this.secrets.put(name, value)
  }

  #putParameter(name: string, content: SecretContent): void {
    if (!('string' in content)) throw new CliError(`${JSON.stringify(name)} is binary, and a parameter is text.`)
    // The tier for what is larger than 4 KB.
    this.parameters.put(name, content.string, { tier: 'Intelligent-Tiering' })
  }

  #remove(name: string): void {
    this.#held.delete(name)
    if (isParameterId(name)) {
      this.parameters.delete(name)
      return
    }
    this.secrets.perform('DeleteSecret', { SecretId: name })
    this.#deleted.add(name)
  }
}
