import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { SecretContent } from './parse-secrets.js'

interface Version {
  /** Random, because ids are logged: from any function of the value, a short password could be guessed. */
  readonly versionId: string
  readonly content: SecretContent
  readonly createdDate: Date
}

/** A version with its staging label. */
export interface LabelledVersion extends Version {
  readonly label: 'AWSCURRENT' | 'AWSPREVIOUS'
}

/** A secret of the file, and the versions that this process has seen of it: the current one and the one before. */
export class LocalSecret {
  readonly name: string
  /** The ARNs by which it has been read. */
  readonly arns: Set<string> = new Set()
  #current: Version
  #previous: Version | undefined
  #isRemoved = false

  constructor(name: string, content: SecretContent, createdDate: Date) {
    this.name = name
    this.#current = newVersion(content, createdDate)
  }

  /** Whether it is no longer in the file. */
  get isRemoved(): boolean {
    return this.#isRemoved
  }

  /** The id of the current version. */
  get versionId(): string {
    return this.#current.versionId
  }

  /** Takes what the file has now; undefined if it does not have the secret. Returns whether that is something else than before. */
  take(content: SecretContent | undefined, at: Date): boolean {
    const wasRemoved = this.#isRemoved
    this.#isRemoved = content === undefined
    if (content === undefined || isDeepStrictEqual(content, this.#current.content)) return this.#isRemoved !== wasRemoved
    this.#previous = this.#current
    this.#current = newVersion(content, at)
    return true
  }

  /** The versions that can be read. */
  versions(): LabelledVersion[] {
    const current = { ...this.#current, label: 'AWSCURRENT' } as const
    return this.#previous === undefined ? [current] : [current, { ...this.#previous, label: 'AWSPREVIOUS' }]
  }
}

function newVersion(content: SecretContent, createdDate: Date): Version {
  return { versionId: randomUUID(), content, createdDate }
}
