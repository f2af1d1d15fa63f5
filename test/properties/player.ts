import { putSecretValue } from '../../src/admin/index.js'
import type { SecretCache } from '../../src/index.js'
import type { CacheCommand, Wanted, Way } from './commands.js'
import { type Bell, payloadOf } from './events.js'
import type { Heard } from './heard.js'
import type { Judge, Read } from './judge.js'
import { type Memory, otherLabels } from './memory.js'
import type { RefreshJudge } from './refresh-judge.js'
import type { Call, Service } from './service.js'
import { type Asked, current, isPinned, type Version, viewOf } from './subjects.js'
import type { Moment, Timeline } from './timeline.js'

/** The name of the error that an early leaver's read ends with. */
const left = 'AbortError'

interface Failed {
  readonly code?: string
  readonly name?: string
}

/** What a run is made of. */
export interface Stage {
  readonly cache: SecretCache
  readonly service: Service
  readonly memory: Memory
  readonly judge: Judge
  readonly refreshJudge: RefreshJudge
  readonly heard: Heard
}

/** Does with a cache what somebody might, and has every outcome judged. */
export class Player {
  readonly open: Set<Promise<unknown>> = new Set()
  readonly counts: { reads: number; closedReads: number } = { reads: 0, closedReads: 0 }
  readonly heldTimers: Set<() => void> = new Set()
  readonly bells: Bell[] = []
  readonly #cache: SecretCache
  readonly #service: Service
  readonly #memory: Memory
  readonly #judge: Judge
  readonly #refreshJudge: RefreshJudge
  readonly #heard: Heard
  readonly #timeline: Timeline

  constructor({ cache, service, memory, judge, refreshJudge, heard }: Stage) {
    this.#cache = cache
    this.#service = service
    this.#memory = memory
    this.#judge = judge
    this.#refreshJudge = refreshJudge
    this.#heard = heard
    this.#timeline = service.timeline
  }

  do(command: CacheCommand): void {
    switch (command.do) {
      case 'read':
        this.#read(this.#asked(command), command.way, command.wanted, this.#signal(command.abortMs))
        break
      case 'peek':
        this.#peek(this.#asked(command), command.way, command.wanted)
        break
      case 'refresh':
        this.#refresh(this.#asked(command), command, this.#signal(command.abortMs))
        break
      case 'invalidate':
      case 'delete':
        this.#cut(command.do, this.#asked(command))
        break
      case 'write':
        this.#write(this.#asked(command))
        break
      case 'follow':
        if (!this.#isClosed) this.#heard.follow(this.#cache, this.#asked(command))
        break
      case 'unfollow':
        this.#heard.followers[command.which % Math.max(1, this.#heard.followers.length)]?.stop()
        break
      case 'warm':
        this.#warm(command.many)
        break
      case 'tell':
        this.#tell(command.which, command.as)
        break
      case 'idle':
        this.#await(this.#cache.idle())
        break
      case 'revalidate':
        this.#cache.revalidate()
        break
      case 'close':
        this.#judge.closedAt = this.#timeline.next().order
        this.#await(this.#cache.close())
    }
  }

  /** Reads as it is read most, and resolves with what came. */
  async look(asked: Asked): Promise<Version | undefined> {
    const begin = this.#timeline.next()
    this.counts.reads += 1
    try {
      const version = this.#service.versionOf(await this.#cache.getSecretString(asked.id))
      this.#ended({ asked, view: current, begin, end: this.#timeline.next() }, version)
      return version
    } catch (error) {
      this.#failed({ asked, view: current, begin, end: this.#timeline.next() }, error as Failed)
      return undefined
    }
  }

  get #isClosed(): boolean {
    return this.#judge.closedAt < Number.POSITIVE_INFINITY
  }

  #asked({ secret, form }: { secret: number; form: number }): Asked {
    return this.#service.asked(this.#service.subjects[secret] ?? this.#service.subjects[0]!, form)
  }

  #signal(ms: number | undefined): AbortSignal | undefined {
    if (ms === undefined) return undefined
    const reader = new AbortController()
    const timer = this.#timeline.clock.setTimeout(() => {
      this.heldTimers.delete(timer)
      reader.abort()
    }, ms)
    this.heldTimers.add(timer)
    return reader.signal
  }

  #selector(asked: Asked, wanted: Wanted): { versionStage?: string; versionId?: string } {
    if (typeof wanted !== 'number') return wanted === undefined ? {} : { versionStage: wanted }
    const versionId = asked.subject.reigns.at(-1 - wanted)?.versionId
    return versionId === undefined ? {} : { versionId }
  }

  #read(asked: Asked, way: Way, wanted: Wanted, signal: AbortSignal | undefined): void {
    const takesOptions = way !== 'handle' && way !== 'with' && way !== 'resolve'
    const selector = takesOptions ? this.#selector(asked, wanted) : {}
    const given = takesOptions && (signal !== undefined || Object.keys(selector).length > 0)
    const options = given ? { ...selector, ...(signal && { signal }) } : undefined
    const begin = this.#timeline.next()
    const read = (): Read => ({ asked, view: viewOf(selector), begin, end: this.#timeline.next() })
    if (this.#isClosed) this.counts.closedReads += 1
    else this.counts.reads += 1
    if (way === 'with') {
      this.#readWith(asked, begin)
      return
    }
    const fresh = this.#judge.mustBeFresh(read())
    const hits = this.#cache.stats().hits
    const outcome = this.#valueBy(way, asked, options)
    if (fresh && takesOptions && !this.#isClosed && this.#cache.stats().hits !== hits + 1) {
      this.#judge.convict('fresh value', `${asked.id} ${viewOf(selector)} at ${begin.at} is no hit`)
    }
    this.#await(
      outcome.then(
        version => this.#ended(read(), version),
        error => this.#failed(read(), error as Failed, way === 'binary'),
      ),
    )
  }

  async #valueBy(way: Way, { id }: Asked, options: object | undefined): Promise<Version | undefined> {
    const cache = this.#cache
    switch (way) {
      case 'binary':
        await cache.getSecretBinary(id, options)
        return undefined
      case 'json':
        return this.#service.versionOf(JSON.stringify(await cache.getSecretJson(id, undefined, options)))
      case 'secret':
        return this.#service.versionOf((await cache.getSecret(id, options)).text())
      case 'handle':
        return this.#service.versionOf(JSON.stringify(await cache.handle(id).get()))
      case 'resolve': {
        const text = await cache.resolve(id.startsWith('arn:') ? id : `{{resolve:secretsmanager:${id}}}`)
        return this.#service.versionOf(text)
      }
      default:
        return this.#service.versionOf(await cache.getSecretString(id, options))
    }
  }

  /** The secret's user is refused unless the version is the current one. */
  #readWith(asked: Asked, begin: Moment): void {
    const refusal = new Error('refused')
    let uses = 0
    const use = (text: string): void => {
      uses += 1
      const version = this.#service.versionOf(text)
      const read = { asked, view: current, begin, end: this.#timeline.next() }
      if (uses === 1) this.#ended(read, version)
      else if (version !== undefined) this.#judge.served(read, version)
      if (uses > 2) this.#judge.convict('refresh', `withSecret used ${asked.id} ${uses} times`)
      if (version !== asked.subject.reigns.at(-1)) throw refusal
    }
    this.#memory.forced(asked.subject)
    const done = this.#cache.withSecret(asked.id, secret => use(secret.text()), { isAuthError: error => error === refusal })
    const read = (): Read => ({ asked, view: current, begin, end: this.#timeline.next() })
    this.#await(
      done.then(
        () => this.#judge.ended(read(), 3),
        error => {
          if (error !== refusal) this.#failed(read(), error as Failed)
          this.#judge.ended(read(), 3)
        },
      ),
    )
  }

  #ended(read: Read, version: Version | undefined): void {
    this.#judge.ended(read)
    this.#judge.patience(read)
    if (version !== undefined) this.#judge.served(read, version)
    else if (read.begin.order > this.#judge.closedAt) this.#judge.convict('closed', `${read.asked.id} was read`)
  }

  #failed(read: Read, { code = '', name = '' }: Failed, isBinary = false): void {
    if (name === left) return
    this.#judge.ended(read)
    this.#judge.patience(read)
    // There was something to serve, in another form than was wanted.
    if (isBinary && code === 'ERR_SECRET_FORMAT') return
    this.#judge.refused(read, code || name)
  }

  #peek(asked: Asked, way: 'peek' | 'handle', wanted: Wanted): void {
    const selector = way === 'peek' ? this.#selector(asked, wanted) : {}
    const before = JSON.stringify(this.#cache.stats())
    const begin = this.#timeline.next()
    const seen =
      way === 'peek'
        ? this.#cache.peek(asked.id, Object.keys(selector).length > 0 ? selector : undefined)?.text()
        : JSON.stringify(this.#cache.handle(asked.id).current)
    const read = { asked, view: viewOf(selector), begin, end: begin }
    if (JSON.stringify(this.#cache.stats()) !== before)
      this.#judge.convict('peek', `of ${asked.id} at ${begin.at} counted or loaded`)
    const version = seen === undefined ? undefined : this.#service.versionOf(seen)
    if (version !== undefined) this.#judge.peeked(read, version)
    else if (!this.#isClosed && this.#judge.mustBeFresh(read)) {
      this.#judge.convict('peek', `of ${asked.id} ${read.view} saw nothing at ${begin.at}`)
    }
  }

  #refresh(
    asked: Asked,
    { ifVersion, previous }: { ifVersion: boolean; previous: boolean },
    signal: AbortSignal | undefined,
  ): void {
    const view = previous ? 'AWSPREVIOUS' : current
    const begin = this.#timeline.next()
    const known = this.#memory.brought(asked.subject, view, begin).at(-1)?.outcome.version.versionId
    const options = {
      ...(ifVersion && known !== undefined && { ifVersion: known }),
      ...(previous && { versionStage: view }),
      ...(signal && { signal }),
    }
    this.#memory.forced(asked.subject)
    const read = (): Read => ({ asked, view, begin, end: this.#timeline.next() })
    this.#await(
      this.#cache.refreshNow(asked.id, options).then(
        secret => {
          this.#judge.ended(read(), ifVersion ? 2 : 1)
          this.#refreshJudge.refreshed(read(), this.#service.versionOf(secret.text()), options.ifVersion)
        },
        (error: Failed) => {
          if (error.name === left) return
          this.#judge.ended(read(), ifVersion ? 2 : 1)
          this.#refreshJudge.failed(read(), error.code ?? String(error.name))
        },
      ),
    )
  }

  #cut(what: 'invalidate' | 'delete', asked: Asked): void {
    const { subject } = asked
    this.#cache[what](asked.id)
    this.#memory.cut(what === 'delete' ? 'deleted' : 'invalidated', subject, asked)
    this.#memory.forced(subject)
    // What somebody follows is not forgotten as if nobody cared for its changes.
    if (what === 'delete' && !this.#heard.isFollowed(subject)) this.#heard.forgotten(subject)
  }

  #warm(many: boolean): void {
    const ids = this.#service.subjects.flatMap(subject =>
      (many ? [0, 1, 2] : [0]).map(form => this.#service.asked(subject, form).id),
    )
    this.#await(
      this.#cache.warmup(ids).then(
        results => {
          if (results.length !== ids.length) this.#judge.convict('rejection', 'a report of warm-up lacks secrets')
        },
        error => this.#judge.convict('rejection', `warm-up rejected: ${error}`),
      ),
    )
  }

  #tell(which: number, as: 'native' | 'cloudtrail' | 'succeeded' | 'queue'): void {
    // Mostly the last ones.
    const { events } = this.#service
    const move = events.at(-1 - (which % Math.max(1, events.length)))
    if (move === undefined) return
    const { subject, versionId } = move.version
    const bell: Bell = { move, begin: this.#timeline.next(), isClosed: this.#isClosed }
    this.bells.push(bell)
    this.#refreshJudge.rings(bell)
    this.#heard.told(versionId, move.at)
    this.#memory.cut('marked', subject, undefined, view => !isPinned(view))
    for (let reads = 0; reads < 6; reads += 1) this.#memory.forced(subject)
    this.#await(
      this.#cache.handleRotationEvent(payloadOf(move, as)).then(
        results => {
          bell.end = this.#timeline.next()
          bell.results = results
          this.#refreshJudge.handled(bell)
          if (results[0]?.outcome === 'refreshed') this.#memory.cut('marked', subject, undefined, otherLabels)
        },
        error => this.#judge.convict('rejection', `handleRotationEvent rejected: ${error}`),
      ),
    )
  }

  #write(asked: Asked): void {
    const { subject } = asked
    if (!subject.isThere || this.#isClosed) return
    const text = this.#service.newText(subject)
    let learned: Call | undefined
    const client = {
      send: async (command: { input: object }, options?: { abortSignal?: AbortSignal }) => {
        const { error } = this.#service.weather
        if (error !== undefined) throw Object.assign(new Error('told to'), { name: error })
        const { VersionId } = subject.fake.perform('PutSecretValue', { ...command.input })
        const version = this.#service.written(subject, text, String(VersionId))
        await this.#service.delay(options?.abortSignal ?? AbortSignal.timeout(0))
        learned = this.#service.wrote(asked, version)
        return { ARN: version.arn, Name: subject.name, VersionId, VersionStages: [current] }
      },
    }
    this.#await(
      putSecretValue(this.#cache, asked.id, text, { client }).then(
        ({ versionId }) => {
          if (learned !== undefined) learned.noted = this.#timeline.next().order
          this.#heard.written(subject, versionId)
          this.#memory.cut('invalidated', subject, undefined, otherLabels)
        },
        () => this.#memory.cut('marked', subject, undefined, view => !isPinned(view)),
      ),
    )
  }

  #await(promise: Promise<unknown>): void {
    this.open.add(promise)
    promise
      .catch((error: unknown) => this.#judge.convict('rejection', `the model itself: ${error}`))
      .finally(() => this.open.delete(promise))
  }
}
