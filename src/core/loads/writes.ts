import { HeldVersion } from '../entries/held-version.js'
import type { Secret } from '../secrets/secret.js'
import type { SecretValue } from '../secrets/source.js'
import type { LoadContext } from './load-context.js'
import type { Loader } from './loader.js'

/** What `awscurrent/admin` works on, beside the public methods of its cache: what it does with that is its own business. */
export class Writes {
  /** The last write of each secret that is under way: the next one of it follows, and `close` waits for all. They never reject. */
  readonly underWay: Map<string, Promise<void>> = new Map()
  readonly context: LoadContext
  readonly loader: Loader
  /** The staging label that the cache follows. */
  readonly versionStage: string

  constructor(context: LoadContext, loader: Loader, versionStage: string) {
    this.context = context
    this.loader = loader
    this.versionStage = versionStage
  }

  /** What was written, for the one who wrote it: the cache does not keep it. */
  apart(written: SecretValue, sequence: number): Secret {
    const { clock } = this.context
    return new HeldVersion(written, clock, { loadedAt: clock.now(), freshMs: 0, invalidated: false, sequence }).secret
  }
}
