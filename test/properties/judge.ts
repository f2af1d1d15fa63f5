import type { Brought, Memory } from './memory.js'
import type { Call } from './service.js'
import { bucket, leastTtlMs, settings, thawedAfterMs } from './settings.js'
import { type Asked, leadsTo, type Version, type View } from './subjects.js'
import type { Moment, Timeline } from './timeline.js'

/** What is promised, by a short name. */
export type PromiseName =
  | 'another secret'
  | 'from nowhere'
  | 'closed'
  | 'after delete'
  | 'after invalidate'
  | 'older than what was shown'
  | 'gone'
  | 'denied'
  | 'time to live'
  | 'last known good'
  | 'fresh value'
  | 'blameless failure'
  | 'waits too long'
  | 'peek'
  | 'refresh'
  | 'event'
  | 'rotated'
  | 'follower'
  | 'counters'
  | 'bound'
  | 'left behind'
  | 'converges'
  | 'rejection'

export interface Violation {
  readonly promise: PromiseName
  readonly what: string
}

/** A read that is over, or the look of `peek`. */
export interface Read {
  readonly asked: Asked
  readonly view: View
  readonly begin: Moment
  readonly end: Moment
}

const transientCode = /^ERR_SECRET_(UNAVAILABLE|THROTTLED|TIMEOUT)$/
const deniedCode = /^ERR_SECRET_(NOT_FOUND|DELETED|ACCESS_DENIED|VERSION)$/
const wrongCode = /^ERR_SECRET_REQUEST$/

/** Holds reads to the contract. Each excuse is one that the contract names, at the moment of the read. */
export class Judge {
  readonly violations: Violation[] = []
  readonly #memory: Memory
  readonly #timeline: Timeline
  closedAt: number = Number.POSITIVE_INFINITY

  constructor(memory: Memory, timeline: Timeline) {
    this.#memory = memory
    this.#timeline = timeline
  }

  get isClosed(): boolean {
    return this.closedAt < Number.POSITIVE_INFINITY
  }

  convict(promise: PromiseName, what: string): void {
    this.violations.push({ promise, what })
  }

  /** A value was served. */
  served(read: Read, version: Version): void {
    const { asked, view, begin, end } = read
    const told = `${asked.id} ${view} was given ${version.number} at ${begin.at}..${end.at}`
    if (!leadsTo(asked, version)) {
      this.convict('another secret', told)
      return
    }
    if (begin.order > this.closedAt) {
      this.convict('closed', told)
      return
    }
    const support = this.#memory.brought(asked.subject, view, end).filter(({ outcome }) => outcome.version === version)
    const newest = support.at(-1)
    if (newest === undefined) {
      this.convict('from nowhere', told)
      return
    }
    const because = `${told}, which a call of ${newest.sent.at} brought`
    this.#notVoid(read, newest, because)
    this.#notOlder(read, version, newest, because)
    this.#notTooOld(read, newest, because)
  }

  /** The look of `peek`: what a read could be given at once, and nothing else. */
  peeked(read: Read, version: Version): void {
    const { asked, view, begin } = read
    const told = `peek of ${asked.id} ${view} saw ${version.number} at ${begin.at}`
    if (!leadsTo(asked, version)) {
      this.convict('another secret', told)
      return
    }
    if (begin.order > this.closedAt) {
      this.convict('closed', told)
      return
    }
    const newest = this.#memory.brought(asked.subject, view, begin).findLast(({ outcome }) => outcome.version === version)
    if (newest === undefined) {
      this.convict('from nowhere', told)
      return
    }
    this.#notVoid(read, newest, told)
    this.#notOlder(read, version, newest, told)
    const age = this.#timeline.leastAge(newest.sent, begin)
    if (age >= settings.ttlMs + settings.staleIfErrorMs) this.convict('gone', told)
    else if (age >= settings.ttlMs && this.#isDenied(read, newest.sent.order, begin, newest)) this.convict('denied', told)
  }

  /** A read was rejected. */
  refused(read: Read, code: string): void {
    const { asked, view, begin, end } = read
    const told = `${asked.id} ${view} was refused with ${code} at ${begin.at}..${end.at}`
    if (code === 'ERR_SECRET_CACHE_CLOSED' && end.order > this.closedAt) return
    if (begin.order > this.closedAt) {
      this.convict('closed', told)
      return
    }
    const known = [transientCode, deniedCode, wrongCode].some(form => form.test(code))
    if (!known || !this.isBlamed(read, code)) {
      this.convict('blameless failure', told)
      return
    }
    const held = this.#memory.mustHold(asked, view, begin.order)
    if (held === undefined || this.#memory.mayBeCut(['deleted', 'evicted'], asked.subject, view, held.sent.order, end.order))
      return
    if (asked.form === 'full' && asked.id !== asked.subject.arns.at(-1)) return
    const age = this.#timeline.mostAge(held.sent, end)
    if (transientCode.test(code)) {
      // An event ends the TTL, from which the window counts.
      const ttlMs = Math.min(leastTtlMs, this.#memory.markedAfterMs(held, end))
      if (age < ttlMs + settings.staleIfErrorMs && !this.#isDenied(read, held.sent.order, end))
        this.convict('last known good', `${told}, though a call of ${held.sent.at} had brought ${held.outcome.version.number}`)
    } else if (this.#mustBeFresh(read, held, end)) this.convict('fresh value', told)
  }

  /** However it ended, a read ends in time. */
  ended({ asked, view, begin, end }: Read, loads = 1): void {
    const tookMs = end.at - begin.at
    const mostMs = loads * (settings.loadTimeoutMs + this.#memory.turnMs(asked.subject, end, bucket))
    if (tookMs > mostMs) this.convict('waits too long', `${asked.id} ${view}: ${tookMs} ms from ${begin.at}`)
  }

  /** A read that something may be served to does not wait for a load as long as that takes. */
  patience(read: Read): void {
    const { asked, view, begin, end } = read
    const held = this.#memory.mustHold(asked, view, begin.order)
    if (held === undefined || this.#timeline.hasJumpedSince(held.sent)) return
    const isVoid = this.#memory.mayBeCut(
      ['invalidated', 'deleted', 'evicted', 'marked'],
      asked.subject,
      view,
      held.sent.order,
      end.order,
    )
    if (isVoid || this.#isDenied(read, held.sent.order, end)) return
    const age = this.#timeline.mostAge(held.sent, end)
    if (age >= leastTtlMs + settings.staleIfErrorMs) return
    const mostMs = age < leastTtlMs + settings.staleWhileRevalidateMs ? 0 : settings.staleWaitMs
    if (end.at - begin.at > mostMs)
      this.convict(
        'waits too long',
        `${asked.id} ${view}: ${end.at - begin.at} ms from ${begin.at}, though there was something to serve`,
      )
  }

  /** Whether a value must be served, fresh, whatever the service says. */
  mustBeFresh(read: Read): boolean {
    const held = this.#memory.mustHold(read.asked, read.view, read.begin.order)
    return held !== undefined && this.#mustBeFresh(read, held, read.end)
  }

  #mustBeFresh({ asked, view }: Read, held: Brought, end: Moment): boolean {
    const kinds = ['invalidated', 'deleted', 'evicted', 'marked'] as const
    return (
      this.#timeline.mostAge(held.sent, end) < leastTtlMs &&
      !this.#timeline.hasJumpedSince(held.sent) &&
      !this.#memory.mayBeCut(kinds, asked.subject, view, held.sent.order, end.order)
    )
  }

  /** Nothing that was deleted or invalidated before the read, unless the load after it has failed for a transient reason. */
  #notVoid({ asked, view, begin, end }: Read, newest: Brought, told: string): void {
    // What was written is current from the moment on that its answer is taken in.
    const since = newest.isWrite ? (newest.noted ?? end.order) : newest.sent.order
    const deleted = this.#memory.lastCut(['deleted'], newest, begin.order, asked)
    if (deleted !== undefined && deleted.moment.order > since) {
      this.convict('after delete', `${told}, before it was deleted at ${deleted.moment.at}`)
    }
    const invalidated = this.#memory.lastCut(['invalidated'], newest, begin.order, asked)
    if (invalidated === undefined || invalidated.moment.order < since) return
    const { order, at } = invalidated.moment
    const hasFailed = this.#memory.failures(asked.subject, view, 'transient', order, end).length > 0
    if (hasFailed || this.#isHeldBack(asked, view, order, begin, end)) return
    this.convict('after invalidate', `${told}, before it was invalidated at ${at}`)
  }

  /** With an empty bucket a load waits for the backoff; and a load that was answered with what was just left fails, too. */
  #isHeldBack({ subject }: Asked, view: View, order: number, begin: Moment, end: Moment): boolean {
    const failed = this.#memory.failures(subject, view, 'transient', 0, end)
    const pauses = failed.some(({ settled }) => begin.at - (settled?.at ?? 0) <= settings.backoff.maxMs)
    if (pauses && this.#memory.turnMs(subject, begin, bucket) > 0) return true
    return this.#memory.brought(subject, view, end).some(call => call.sent.order > order && this.#memory.mayBeOld(call))
  }

  /** Never behind what the cache had taken in when the read began. */
  #notOlder({ asked, view, begin }: Read, version: Version, newest: Brought, told: string): void {
    const held = this.#memory.mustHold(asked, view, begin.order)
    if (held === undefined || held.outcome.version === version || newest.sent.order > held.sent.order) return
    this.convict('older than what was shown', `${told}, after one of ${held.sent.at} had brought ${held.outcome.version.number}`)
  }

  #notTooOld(read: Read, newest: Brought, told: string): void {
    const { asked, view, begin, end } = read
    if (newest.sent.order > begin.order) return
    const age = this.#timeline.leastAge(newest.sent, begin)
    if (age >= settings.ttlMs + settings.staleIfErrorMs) {
      this.convict('gone', told)
      return
    }
    if (age < settings.ttlMs) return
    if (this.#isDenied(read, newest.sent.order, begin, newest)) this.convict('denied', told)
    if (age < settings.ttlMs + settings.staleWhileRevalidateMs) return
    const later = this.#memory
      .calls(asked.subject, view)
      .filter(({ sent }) => sent.order > (newest.begun ?? newest.sent.order) && sent.order < end.order)
    if (!later.some(call => this.#excusesAge(call, end))) this.convict('time to live', told)
  }

  /** A load since then that failed for a transient reason, takes longer than readers wait, or was given an old answer. */
  #excusesAge(call: Call, end: Moment): boolean {
    const { settled, noted = Number.POSITIVE_INFINITY, sent, outcome } = call
    // Readers wait by the wall clock, which may have jumped; and no longer, though the answer may come at that moment.
    const hasWaited = Math.max(end.at - sent.at, end.wall - sent.wall) >= settings.staleWaitMs
    if (settled === undefined || settled.order > end.order || (noted > end.order && hasWaited)) return hasWaited
    if (outcome === undefined || 'failed' in outcome) return outcome?.failed !== 'denied' || isThawed(call)
    return this.#memory.mayBeOld(call as Brought) || end.at - sent.at >= settings.staleWaitMs
  }

  /** Whether the service has denied the secret since. With `about`, certainly the one that this call brought. */
  #isDenied({ asked, view }: Read, since: number, at: Moment, about?: Brought): boolean {
    return this.#memory
      .failures(asked.subject, view, 'denied', since, at)
      .some(({ asked: { id, form }, sent, noted, settled }) => {
        if (about === undefined) return true
        const concerns = form !== 'full' || id === about.outcome.version.arn
        // By another form it was denied the same secret only once an answer had shown that they are one.
        const joined = id === about.asked.id || (form !== 'name' && about.noted !== undefined && about.noted < sent.order)
        // The outcome of an older generation changes nothing.
        const isVoid = this.#memory.mayBeCut(['invalidated', 'deleted'], asked.subject, view, sent.order, noted ?? at.order)
        return (
          concerns &&
          joined &&
          !isVoid &&
          !isThawed({ sent, settled }) &&
          noted !== undefined &&
          noted < at.order &&
          (settled?.at ?? 0) < at.at
        )
      })
  }

  /** Whether a call failed in that way while the read waited, or so shortly before that the pause was still on. */
  isBlamed({ asked, view, begin, end }: Read, code: string): boolean {
    const { subject } = asked
    const kind = kindOf(code)
    const failed = this.#memory.failures(subject, view, kind, 0, end)
    // Where the clock was set back, a pause is prolonged by one step at most.
    const recent = failed.some(
      ({ settled }) =>
        settled !== undefined &&
        Math.min(begin.at - settled.at, this.#timeline.leastAge(settled, begin)) <= settings.backoff.maxMs,
    )
    if (recent || code !== 'ERR_SECRET_TIMEOUT') return recent
    // Answers that had to be doubted till the deadline.
    const brought = this.#memory.brought(subject, view, end)
    return brought.some(call => begin.at - call.settled.at <= settings.backoff.maxMs && this.#memory.mayBeOld(call))
  }
}

/** What was under way for so long was frozen with its process, and says nothing. */
function isThawed({ sent, settled }: { sent: Moment; settled?: Moment | undefined }): boolean {
  return settled !== undefined && settled.wall - sent.wall >= settings.loadTimeoutMs + thawedAfterMs
}

function kindOf(code: string): 'transient' | 'denied' | 'wrong' {
  if (transientCode.test(code)) return 'transient'
  return deniedCode.test(code) ? 'denied' : 'wrong'
}
