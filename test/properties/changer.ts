import { putSecretValue } from '../../src/admin/index.js'
import { type Bell, payloadOf } from './events.js'
import type { Read } from './judge.js'
import { otherLabels } from './memory.js'
import type { Call } from './service.js'
import { type Failed, left, type Stage } from './stage.js'
import { type Asked, current, isPinned } from './subjects.js'

/** Has a cache load, forget and learn, and has judged what comes of it. */
export class Changer {
  readonly bells: Bell[] = []
  readonly #stage: Stage

  constructor(stage: Stage) {
    this.#stage = stage
  }

  refresh(
    asked: Asked,
    { ifVersion, previous }: { ifVersion: boolean; previous: boolean },
    signal: AbortSignal | undefined,
  ): void {
    const view = previous ? 'AWSPREVIOUS' : current
    const begin = this.#stage.service.timeline.next()
    const known = this.#stage.memory.brought(asked.subject, view, begin).at(-1)?.outcome.version.versionId
    const options = {
      ...(ifVersion && known !== undefined && { ifVersion: known }),
      ...(previous && { versionStage: view }),
      ...(signal && { signal }),
    }
    this.#stage.memory.forced(asked.subject)
    const read = (): Read => ({ asked, view, begin, end: this.#stage.service.timeline.next() })
    this.#stage.pending.add(
      this.#stage.cache.refreshNow(asked.id, options).then(
        secret => {
          this.#stage.judge.ended(read(), ifVersion ? 2 : 1)
          this.#stage.refreshJudge.refreshed(read(), this.#stage.service.versionOf(secret.text()), options.ifVersion)
        },
        (error: Failed) => {
          if (error.name === left) return
          this.#stage.judge.ended(read(), ifVersion ? 2 : 1)
          this.#stage.refreshJudge.failed(read(), error.code ?? String(error.name))
        },
      ),
    )
  }

  cut(what: 'invalidate' | 'delete', asked: Asked): void {
    const { subject } = asked
    this.#stage.cache[what](asked.id)
    this.#stage.memory.cut(what === 'delete' ? 'deleted' : 'invalidated', subject, asked)
    this.#stage.memory.forced(subject)
    if (what === 'delete') this.#stage.heard.deleted(asked)
  }

  warm(many: boolean): void {
    const ids = this.#stage.service.subjects.flatMap(subject =>
      (many ? [0, 1, 2] : [0]).map(form => this.#stage.service.asked(subject, form).id),
    )
    this.#stage.pending.add(
      this.#stage.cache.warmup(ids).then(
        results => {
          if (results.length !== ids.length) this.#stage.judge.convict('rejection', 'a report of warm-up lacks secrets')
        },
        error => this.#stage.judge.convict('rejection', `warm-up rejected: ${error}`),
      ),
    )
  }

  tell(which: number, as: 'native' | 'cloudtrail' | 'succeeded' | 'queue'): void {
    // Mostly the last ones.
    const { events } = this.#stage.service
    const move = events.at(-1 - (which % Math.max(1, events.length)))
    if (move === undefined) return
    const { subject, versionId } = move.version
    const bell: Bell = { move, begin: this.#stage.service.timeline.next(), isClosed: this.#stage.judge.isClosed }
    this.bells.push(bell)
    this.#stage.refreshJudge.rings(bell)
    this.#stage.heard.told(versionId, move.at)
    const named: Asked = { id: move.version.arn, form: 'full', subject }
    this.#stage.memory.cut('marked', subject, named, view => !isPinned(view))
    for (let reads = 0; reads < 6; reads += 1) this.#stage.memory.forced(subject)
    this.#stage.pending.add(
      this.#stage.cache.handleRotationEvent(payloadOf(move, as)).then(
        results => {
          bell.end = this.#stage.service.timeline.next()
          bell.results = results
          const isScheduled = results[0]?.outcome === 'scheduled'
          // That what is held is the version of an event tells when it has become current.
          if (isScheduled || results[0]?.reason === 'already current' || this.#isFirst(bell)) {
            const at = this.#stage.service.timeline.hasJumpedSince(move.at) ? bell.begin.at : move.at.at
            this.#stage.memory.moved(move.version, { ...bell.begin, at })
          }
          if (isScheduled) this.#stage.memory.spread(subject, bell.begin, this.#stage.spreadMs)
          this.#stage.refreshJudge.handled(bell)
          if (results[0]?.outcome === 'refreshed') this.#stage.memory.cut('marked', subject, undefined, otherLabels)
        },
        error => this.#stage.judge.convict('rejection', `handleRotationEvent rejected: ${error}`),
      ),
    )
  }

  write(asked: Asked): void {
    const { subject } = asked
    if (!subject.isThere || this.#stage.judge.isClosed) return
    const text = this.#stage.service.newText(subject)
    const { timeline } = this.#stage.service
    const asOf = timeline.next()
    let learned: Call | undefined
    const client = {
      send: async (command: { input: object }, options?: { abortSignal?: AbortSignal }) => {
        const { error } = this.#stage.service.weather
        if (error !== undefined) throw Object.assign(new Error('told to'), { name: error })
        const begun = timeline.next()
        const { VersionId } = subject.fake.perform('PutSecretValue', { ...command.input })
        const version = this.#stage.service.written(subject, text, String(VersionId))
        await this.#stage.service.delay(options?.abortSignal ?? AbortSignal.timeout(0))
        learned = this.#stage.service.wrote(asked, version, begun)
        return { ARN: version.arn, Name: subject.name, VersionId, VersionStages: [current] }
      },
    }
    this.#stage.pending.add(
      putSecretValue(this.#stage.cache, asked.id, text, { client }).then(
        ({ versionId }) => {
          // Where the clock has jumped meanwhile, it may be taken for old at once.
          const isTaken = learned !== undefined && this.#isTaken(learned) && !timeline.hasJumpedSince(asOf)
          if (learned !== undefined && isTaken) learned.noted = timeline.next().order
          this.#stage.heard.written(subject, versionId)
          this.#stage.memory.cut('invalidated', subject, undefined, otherLabels)
        },
        () => this.#stage.memory.cut('marked', subject, asked, view => !isPinned(view)),
      ),
    )
  }

  /** Whether no other version was held before the one that an event has told of: which one that has replaced, the cache has not seen. */
  #isFirst({ move: { version }, begin, results }: Bell): boolean {
    if (results?.[0]?.outcome !== 'refreshed') return false
    const { memory } = this.#stage
    const before = memory.brought(version.subject, current, begin).at(-1)
    const isKept =
      before !== undefined && !memory.mayBeCut(['deleted', 'evicted'], version.subject, current, before.sent.order, begin.order)
    return !isKept || before.outcome.version === version
  }

  /** Whether the cache must have taken in what was written: it has moved on only if the service has, and an answer has shown that. */
  #isTaken({ asked: { subject }, begun = 0, outcome }: Call): boolean {
    const version = outcome !== undefined && 'version' in outcome ? outcome.version : undefined
    if (version === subject.reigns.at(-1)) return true
    const brought = this.#stage.memory.brought(subject, current, this.#stage.service.timeline.next())
    return !brought.some(call => call.settled.order > begun && call.outcome.version !== version)
  }
}
