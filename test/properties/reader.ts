import type { Wanted, Way } from './commands.js'
import type { Read } from './judge.js'
import { type Failed, left, type Stage } from './stage.js'
import { type Asked, current, type Version, viewOf } from './subjects.js'
import type { Moment } from './timeline.js'

/** Reads from a cache in every way, and has judged what comes. */
export class Reader {
  readonly counts: { reads: number; closedReads: number } = { reads: 0, closedReads: 0 }
  readonly #stage: Stage

  constructor(stage: Stage) {
    this.#stage = stage
  }

  read(asked: Asked, way: Way, wanted: Wanted, signal: AbortSignal | undefined): void {
    const takesOptions = way !== 'handle' && way !== 'with' && way !== 'resolve'
    const selector = takesOptions ? this.#selector(asked, wanted) : {}
    const given = takesOptions && (signal !== undefined || Object.keys(selector).length > 0)
    const options = given ? { ...selector, ...(signal && { signal }) } : undefined
    const begin = this.#stage.service.timeline.next()
    const read = (): Read => ({ asked, view: viewOf(selector), begin, end: this.#stage.service.timeline.next() })
    if (this.#stage.judge.isClosed) this.counts.closedReads += 1
    else this.counts.reads += 1
    if (way === 'with') {
      this.#readWith(asked, begin)
      return
    }
    const fresh = this.#stage.judge.mustBeFresh(read())
    const hits = this.#stage.cache.stats().hits
    const outcome = this.#valueBy(way, asked, options)
    if (fresh && takesOptions && !this.#stage.judge.isClosed && this.#stage.cache.stats().hits !== hits + 1) {
      this.#stage.judge.convict('fresh value', `${asked.id} ${viewOf(selector)} at ${begin.at} is no hit`)
    }
    this.#stage.pending.add(
      outcome.then(
        version => this.#ended(read(), version),
        error => this.#failed(read(), error as Failed, way === 'binary'),
      ),
    )
  }

  peek(asked: Asked, way: 'peek' | 'handle', wanted: Wanted): void {
    const selector = way === 'peek' ? this.#selector(asked, wanted) : {}
    const before = JSON.stringify(this.#stage.cache.stats())
    const begin = this.#stage.service.timeline.next()
    const seen =
      way === 'peek'
        ? this.#stage.cache.peek(asked.id, Object.keys(selector).length > 0 ? selector : undefined)?.text()
        : JSON.stringify(this.#stage.cache.handle(asked.id).current)
    const read = { asked, view: viewOf(selector), begin, end: begin }
    if (JSON.stringify(this.#stage.cache.stats()) !== before)
      this.#stage.judge.convict('peek', `of ${asked.id} at ${begin.at} counted or loaded`)
    const version = seen === undefined ? undefined : this.#stage.service.versionOf(seen)
    if (version !== undefined) this.#stage.judge.peeked(read, version)
    else if (!this.#stage.judge.isClosed && this.#stage.judge.mustBeFresh(read)) {
      this.#stage.judge.convict('peek', `of ${asked.id} ${read.view} saw nothing at ${begin.at}`)
    }
  }

  /** Reads as it is read most, and resolves with what came. */
  async look(asked: Asked): Promise<Version | undefined> {
    const begin = this.#stage.service.timeline.next()
    this.counts.reads += 1
    try {
      const version = this.#stage.service.versionOf(await this.#stage.cache.getSecretString(asked.id))
      this.#ended({ asked, view: current, begin, end: this.#stage.service.timeline.next() }, version)
      return version
    } catch (error) {
      this.#failed({ asked, view: current, begin, end: this.#stage.service.timeline.next() }, error as Failed)
      return undefined
    }
  }

  #selector(asked: Asked, wanted: Wanted): { versionStage?: string; versionId?: string } {
    if (typeof wanted !== 'number') return wanted === undefined ? {} : { versionStage: wanted }
    const versionId = asked.subject.reigns.at(-1 - wanted)?.versionId
    return versionId === undefined ? {} : { versionId }
  }

  async #valueBy(way: Way, { id }: Asked, options: object | undefined): Promise<Version | undefined> {
    const cache = this.#stage.cache
    switch (way) {
      case 'binary':
        await cache.getSecretBinary(id, options)
        return undefined
      case 'json':
        return this.#stage.service.versionOf(JSON.stringify(await cache.getSecretJson(id, undefined, options)))
      case 'secret':
        return this.#stage.service.versionOf((await cache.getSecret(id, options)).text())
      case 'handle':
        return this.#stage.service.versionOf(JSON.stringify(await cache.handle(id).get()))
      case 'resolve': {
        const text = await cache.resolve(id.startsWith('arn:') ? id : `{{resolve:secretsmanager:${id}}}`)
        return this.#stage.service.versionOf(text)
      }
      default:
        return this.#stage.service.versionOf(await cache.getSecretString(id, options))
    }
  }

  /** The secret's user is refused unless the version is the current one. */
  #readWith(asked: Asked, begin: Moment): void {
    const refusal = new Error('refused')
    let uses = 0
    const use = (text: string): void => {
      uses += 1
      const version = this.#stage.service.versionOf(text)
      const read = { asked, view: current, begin, end: this.#stage.service.timeline.next() }
      if (uses === 1) this.#ended(read, version)
      else if (version !== undefined) this.#stage.judge.served(read, version)
      if (uses > 2) this.#stage.judge.convict('refresh', `withSecret used ${asked.id} ${uses} times`)
      if (version !== asked.subject.reigns.at(-1)) throw refusal
    }
    this.#stage.memory.forced(asked.subject)
    const done = this.#stage.cache.withSecret(asked.id, secret => use(secret.text()), { isAuthError: error => error === refusal })
    const read = (): Read => ({ asked, view: current, begin, end: this.#stage.service.timeline.next() })
    this.#stage.pending.add(
      done.then(
        () => this.#stage.judge.ended(read(), 3),
        error => {
          if (error !== refusal) this.#failed(read(), error as Failed)
          this.#stage.judge.ended(read(), 3)
        },
      ),
    )
  }

  #ended(read: Read, version: Version | undefined): void {
    this.#stage.judge.ended(read)
    this.#stage.judge.patience(read)
    if (version !== undefined) this.#stage.judge.served(read, version)
    else if (read.begin.order > this.#stage.judge.closedAt) this.#stage.judge.convict('closed', `${read.asked.id} was read`)
  }

  #failed(read: Read, { code = '', name = '' }: Failed, isBinary = false): void {
    if (name === left) return
    this.#stage.judge.ended(read)
    this.#stage.judge.patience(read)
    // There was something to serve, in another form than was wanted.
    if (isBinary && code === 'ERR_SECRET_FORMAT') return
    this.#stage.judge.refused(read, code || name)
  }
}
