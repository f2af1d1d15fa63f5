import type { Bell } from './events.js'
import type { Judge, Read } from './judge.js'
import type { Memory } from './memory.js'
import { current, leadsTo, type Version } from './subjects.js'

/** Holds what refreshes to the contract: `refreshNow`, and the events of rotations. */
export class RefreshJudge {
  readonly #judge: Judge
  readonly #memory: Memory
  readonly #spreadMs: number
  readonly #bells: Bell[] = []

  constructor(judge: Judge, memory: Memory, spreadMs: number) {
    this.#judge = judge
    this.#memory = memory
    this.#spreadMs = spreadMs
  }

  /** `refreshNow` brought a version: by a load that was sent after it was asked for, or because the cache had moved on. */
  refreshed(read: Read, version: Version | undefined, ifVersion: string | undefined): void {
    const { asked, view, begin, end } = read
    const told = `${asked.id} ${view} refreshed at ${begin.at} brought ${version?.number}`
    if (version === undefined || !leadsTo(asked, version)) {
      this.#judge.convict('another secret', told)
      return
    }
    const support = this.#memory.brought(asked.subject, view, end).findLast(({ outcome }) => outcome.version === version)
    const movedOn = ifVersion !== undefined && version.versionId !== ifVersion
    if (support === undefined) this.#judge.convict('from nowhere', told)
    else if (support.sent.order < begin.order && !movedOn) {
      this.#judge.convict('refresh', `${told}, by a call of ${support.sent.at}`)
    }
  }

  failed(read: Read, code: string): void {
    if (code === 'ERR_SECRET_CACHE_CLOSED' && read.end.order > this.#judge.closedAt) return
    if (!this.#judge.isBlamed(read, code)) {
      this.#judge.convict('blameless failure', `${read.asked.id}: refreshNow failed with ${code} at ${read.end.at}`)
    }
  }

  /** An event is handed over. */
  rings(bell: Bell): void {
    this.#bells.push(bell)
  }

  /** An event has been dealt with. */
  handled({ move, begin, end, results = [], isClosed }: Bell): void {
    const { subject, arn, versionId } = move.version
    const [result] = results
    const told = `an event of ${begin.at} about ${subject.name} at ${move.version.number}: ${JSON.stringify(results)}`
    if (result === undefined || results.length > 1) {
      this.#judge.convict('event', told)
      return
    }
    const { outcome, reason } = result
    if (isClosed || (end?.order ?? 0) > this.#judge.closedAt) return
    // What was deleted and made again is another ARN's by now.
    if (arn !== subject.arns.at(-1) || end === undefined) return
    const held = this.#memory.mustHold({ id: arn, form: 'full', subject }, current, begin.order)
    if (outcome === 'ignored') {
      if (held !== undefined && reason !== 'delivered before') this.#judge.convict('event', told)
    } else if (outcome === 'rejected') {
      const named = { id: arn, form: 'full', subject } as const
      // A wrong guess costs one call, which may fail.
      const guessed = this.#memory.meaningOf(result.secretId ?? arn) ?? named
      const asked = this.#memory.mayMean(guessed, named, begin.order) ? guessed : named
      if (!this.#judge.isBlamed({ asked, view: current, begin, end }, reason)) this.#judge.convict('event', told)
    } else if (outcome === 'scheduled') {
      if (this.#spreadMs === 0) this.#judge.convict('event', told)
    } else {
      const over = this.#memory.over(subject, current, end)
      // One refresh of a secret is under way at a time: what it reads is good for all events that come meanwhile.
      const begun = this.#bells
        .filter(bell => bell.move.version.subject === subject && (bell.end?.order ?? Number.POSITIVE_INFINITY) > begin.order)
        .map(bell => bell.begin.order)
      const wasRead = over.some(({ sent }) => sent.order > Math.min(...begun))
      // What was current when it came, or is by now.
      const isCurrent = [begin, end].some(at =>
        this.#memory.mayBeHeld(subject, current, at).some(({ outcome: { version } }) => version.versionId === versionId),
      )
      const isNeverRead = !this.#memory.calls(subject, current).some(({ sent }) => sent.order < end.order)
      if (!wasRead && !isCurrent && !isNeverRead && held !== undefined) this.#judge.convict('event', told)
    }
  }
}
