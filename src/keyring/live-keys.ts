import { hideValues } from './hide-values.js'
import type { VersionKey } from './version-key.js'

/** The keys at one moment. */
export interface KeysInUse<Key> {
  /** The key of the AWSCURRENT version. */
  readonly current: VersionKey<Key>
  /** The key that signs what does not name its key. */
  readonly signing: VersionKey<Key>
  /** The other key; undefined if there is none. */
  readonly verifying: VersionKey<Key> | undefined
}

/** The array and the map of a keyring. Libraries keep a reference to them, so they are changed in place. */
export class LiveKeys<Key> {
  readonly keys: Key[]
  readonly passwords: Record<string, Key>
  readonly #numbered: Record<string, Key>

  constructor(secretId: string) {
    this.keys = hideValues([], `Keys { secretId: '${secretId}' }`)
    this.#numbered = Object.create(hideValues(Object.create(null), `Passwords { secretId: '${secretId}' }`))
    // iron-session looks a key up with `in`, by a number that a forged cookie may have chosen: it must not find `toJSON`.
    this.passwords = new Proxy(this.#numbered, { has: (numbered, id) => Object.hasOwn(numbered, id) })
  }

  show({ signing, verifying }: KeysInUse<Key>): void {
    this.keys.splice(0, this.keys.length, ...(verifying === undefined ? [signing] : [signing, verifying]).map(({ key }) => key))
    for (const id of Object.getOwnPropertyNames(this.#numbered)) delete this.#numbered[id]
    // iron-session seals with the highest number that it can enumerate, and unseals with any.
    this.#number(signing, true)
    if (verifying !== undefined) this.#number(verifying, false)
  }

  #number({ passwordId, key }: VersionKey<Key>, enumerable: boolean): void {
    Object.defineProperty(this.#numbered, passwordId, { value: key, enumerable, configurable: true })
  }
}
