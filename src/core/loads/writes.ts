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
}
