import { HeldVersion } from '../entries/held-version.js'
import type { Place } from '../entries/selector.js'
import type { Secret } from '../secrets/secret.js'
import type { SecretValue } from '../secrets/source.js'
import type { LoadContext } from './load-context.js'
import type { Loader } from './loader.js'
import { type Answer, storeAnswer } from './store-answer.js'

/** The internals of a cache that `awscurrent/admin` and `awscurrent/lambda` use besides its public methods. */
export class Writes {
  /** The last write of each secret under way: the next one waits for it, and `close` waits for all. They never reject. */
  readonly underWay: Map<string, Promise<void>> = new Map()
  readonly context: LoadContext
  readonly loader: Loader
  /** The staging label that the cache reads by default. */
  readonly versionStage: string

  constructor(context: LoadContext, loader: Loader, versionStage: string) {
    this.context = context
    this.loader = loader
    this.versionStage = versionStage
  }

  /** Stores a written version, unless something newer is known. */
  store(place: Place, answer: Answer): HeldVersion {
    return storeAnswer(this.context, place, answer)
  }

  /** A written version as a `Secret` for the caller of the write; the cache does not keep it. */
  apart(written: SecretValue, sequence: number): Secret {
    const { clock } = this.context
    return new HeldVersion(written, clock, { loadedAt: clock.now(), freshMs: 0, invalidated: false, sequence }).secret
  }
}
