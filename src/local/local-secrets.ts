import { LocalSecret } from './local-secret.js'
import type { Overrides } from './overrides.js'
import type { SecretContent } from './parse-secrets.js'
import type { FileContents } from './secret-file.js'

/** The secrets of a file and of the environment, with the versions that this process has seen. */
export class LocalSecrets {
  readonly #overrides: Overrides
  readonly #secrets = new Map<string, LocalSecret>()
  #inFile: ReadonlyMap<string, SecretContent> | undefined

  constructor(overrides: Overrides) {
    this.#overrides = overrides
  }

  /** Whether the file has been read. */
  get isRead(): boolean {
    return this.#inFile !== undefined
  }

  /** The names in the file, as it was last read. */
  get names(): string[] {
    return [...(this.#inFile?.keys() ?? [])]
  }

  /** Takes the contents of the file. Returns the secrets that are new, changed or removed since it was last read. */
  update({ secrets, modifiedAt }: FileContents): LocalSecret[] {
    const at = this.isRead ? new Date() : modifiedAt
    this.#inFile = secrets
    return [...new Set([...this.names, ...this.#secrets.keys()])].flatMap(name => this.#take(name, at) ?? [])
  }

  /** A secret by its name; undefined if neither the file nor the environment has had it. */
  find(name: string): LocalSecret | undefined {
    if (!this.#secrets.has(name)) this.#take(name, new Date())
    return this.#secrets.get(name)
  }

  /** Returns the secret if it has changed. */
  #take(name: string, at: Date): LocalSecret | undefined {
    const content = this.#contentOf(name)
    const known = this.#secrets.get(name)
    if (known !== undefined) return known.take(content, at) ? known : undefined
    if (content === undefined) return undefined
    const secret = new LocalSecret(name, content, at)
    this.#secrets.set(name, secret)
    return secret
  }

  #contentOf(name: string): SecretContent | undefined {
    const string = this.#overrides.textOf(name, this.#inFile?.keys() ?? [])
    return string === undefined ? this.#inFile?.get(name) : { string }
  }
}
