import type { Call, Service } from './service.js'
import { leftRecentlyMs } from './settings.js'
import { type Asked, current, isPinned, leadsTo, type Subject, type Version, type View } from './subjects.js'
import type { Moment, Timeline } from './timeline.js'

/** A call that was answered with a version. */
export type Brought = Call & { readonly outcome: { readonly version: Version }; readonly settled: Moment }

/** Something after which a read needs a load that began later. */
interface Cut {
  readonly moment: Moment
  readonly kind: 'invalidated' | 'deleted' | 'evicted' | 'marked'
  readonly subject: Subject
  /** The id by which it was done; undefined where it is certain to reach the secret. */
  readonly asked: Asked | undefined
  readonly views: (view: View) => boolean
  /** Until when it may come to pass, at some moment within a spread. */
  readonly untilAt?: number
}

/** All that a naive cache would know: every answer, and what made which of them void. It keeps no state of its own to drift from that. */
export class Memory {
  readonly #service: Service
  readonly #timeline: Timeline
  readonly #cuts: Cut[] = []
  readonly #moves: { readonly version: Version; readonly moment: Moment }[] = []
  /** Loads that ignore the backoff, which draw from the secret's bucket. */
  readonly #forced: { readonly subject: Subject; readonly moment: Moment }[] = []

  constructor(service: Service) {
    this.#service = service
    this.#timeline = service.timeline
  }

  /** An event has told that a version has become current just now: which one it has replaced, nobody may have seen. */
  moved(version: Version, moment: Moment): void {
    this.#moves.push({ version, moment })
  }

  /** An event marks its secret at some moment within the spread. */
  spread(subject: Subject, moment: Moment, spreadMs: number): void {
    const untilAt = moment.at + spreadMs
    this.#cuts.push({ moment, kind: 'marked', subject, asked: undefined, views: view => !isPinned(view), untilAt })
  }

  cut(kind: Cut['kind'], subject: Subject, asked?: Asked, views: Cut['views'] = () => true): Moment {
    const moment = this.#timeline.next()
    this.#cuts.push({ moment, kind, subject, asked, views })
    return moment
  }

  meaningOf(id: string): Asked | undefined {
    return this.#service.meaningOf(id)
  }

  forced(subject: Subject): void {
    this.#forced.push({ subject, moment: this.#timeline.next() })
  }

  /** How long a load may have to wait for its turn. */
  turnMs(subject: Subject, at: Moment, { atOnce, everyMs }: { atOnce: number; everyMs: number }): number {
    const recent = this.#forced.filter(
      each => each.subject === subject && each.moment.at > at.at - 20_000 && each.moment.order < at.order,
    )
    return Math.max(0, recent.length - atOnce + 1) * everyMs
  }

  /** Calls for one secret and view that were over at a moment, by any form of its id, in the order they were sent. */
  over(subject: Subject, view: View, at: Moment): Call[] {
    return this.calls(subject, view).filter(({ settled }) => settled !== undefined && settled.order < at.order)
  }

  calls(subject: Subject, view: View): Call[] {
    return this.#service.calls
      .filter(call => call.asked.subject === subject && call.view === view)
      .sort((one, other) => one.sent.order - other.sent.order)
  }

  /** What has been answered until a moment. */
  brought(subject: Subject, view: View, at: Moment): Brought[] {
    return this.over(subject, view, at).filter(isBrought)
  }

  failures(subject: Subject, view: View, kind: 'transient' | 'denied' | 'wrong', from: number, at: Moment): Call[] {
    return this.over(subject, view, at).filter(
      ({ sent, outcome }) => sent.order > from && outcome !== undefined && 'failed' in outcome && outcome.failed === kind,
    )
  }

  /** Whether answers have shown by then that an id means what a call has brought. A plain name joins nothing while its account is unknown. */
  joins(asked: Asked, call: Brought, order: number): boolean {
    const { arn } = call.outcome.version
    if (!leadsTo(asked, call.outcome.version) || (asked.form === 'full' && asked.id !== arn)) return false
    if (asked.form !== 'full' && call.asked.form === 'full' && this.#leadsElsewhere(call, order)) return false
    return asked.form !== 'name' || call.asked.form === 'name' || this.accountKnown(Math.min(order, call.sent.order))
  }

  /** The ARN that an id is known to lead to, by answers that were taken in before `order`. */
  shownArn(asked: Asked, order: number): string | undefined {
    return this.brought(asked.subject, current, { order, at: 0, wall: 0 }).findLast(
      call =>
        call.noted !== undefined &&
        call.noted < order &&
        this.joins(asked, call, order) &&
        !this.mayBeCut(['deleted', 'evicted'], asked.subject, current, call.sent.order, order),
    )?.outcome.version.arn
  }

  /** Whether the secret was known by an ARN of before it was made again: a name goes on leading there until its own answer shows the new one. */
  #leadsElsewhere({ asked: { subject }, outcome: { version } }: Brought, order: number): boolean {
    const known = this.#service.calls
      .filter(call => call.asked.subject === subject && call.noted !== undefined && call.noted < order)
      .filter(isBrought)
    if (known.every(({ outcome }) => outcome.version.arn === version.arn)) return false
    return known.findLast(({ asked }) => asked.form !== 'full')?.outcome.version.arn !== version.arn
  }

  /** The last thing before `order` that certainly made void what a call brought, or was to bring. */
  lastCut(kinds: readonly Cut['kind'][], call: Brought, order: number, reader: Asked): Cut | undefined {
    return this.#cuts.findLast(
      ({ moment, kind, subject, asked, views }) =>
        moment.order < order &&
        kinds.includes(kind) &&
        subject === call.asked.subject &&
        views(call.view) &&
        (asked === undefined || (this.joins(asked, call, moment.order) && this.#areOne(asked, reader, moment.order))),
    )
  }

  /** Whether two ids were known to be one secret's by then. */
  #areOne(one: Asked, other: Asked, order: number): boolean {
    if (one.id === other.id) return true
    const arn = this.shownArn(one, order)
    return arn !== undefined && arn === this.shownArn(other, order)
  }

  /** Whether anything between may have made void what a secret's entry holds. */
  mayBeCut(kinds: readonly Cut['kind'][], subject: Subject, view: View, from: number, to: number): boolean {
    return this.#cuts.some(
      cut =>
        kinds.includes(cut.kind) &&
        cut.moment.order < to &&
        (cut.subject === subject ? cut.views(view) && this.#isAfter(cut, from) : this.#mayHaveMeant(cut, subject, from)),
    )
  }

  /** How long after a load an event has ended, or may have ended, the TTL of what it brought. */
  markedAfterMs(held: Brought, end: Moment): number {
    const { subject } = held.asked
    const marks = this.#cuts.filter(
      cut =>
        cut.kind === 'marked' &&
        cut.subject === subject &&
        cut.views(held.view) &&
        cut.moment.order < end.order &&
        this.#isAfter(cut, held.sent.order),
    )
    return Math.min(Number.POSITIVE_INFINITY, ...marks.map(({ moment }) => Math.max(0, moment.at - held.sent.at)))
  }

  #isAfter({ moment, untilAt }: Cut, from: number): boolean {
    if (moment.order > from || untilAt === undefined) return moment.order > from
    const sent = this.#service.calls.find(call => call.sent.order === from)?.sent
    return sent !== undefined && sent.at <= untilAt
  }

  /**
   * Whether the id that something was made void by may have meant another secret, for all that the cache knew: the first load of that
   * one was under way by an id that looks like it.
   */
  #mayHaveMeant({ asked: cutAs, moment }: Cut, subject: Subject, from: number): boolean {
    if (cutAs === undefined) return false
    return this.#service.calls.some(({ asked, sent, noted = Number.POSITIVE_INFINITY, isWrite }) => {
      if (asked.subject !== subject || isWrite !== undefined) return false
      // A load begins a little before its call is sent.
      const isUnderWay =
        moment.order > from ? sent.order < moment.order && moment.order < noted : sent.order === from && sent.at === moment.at
      return isUnderWay && this.mayMean(asked, cutAs, moment.order)
    })
  }

  /** Whether one id may be taken for one of another's secret, as no answer has shown yet what it leads to. */
  mayMean(asked: Asked, meant: Asked, order: number): boolean {
    return mayBeOfOne(asked, meant, this.accountKnown(order)) && !this.#isIdentified(asked, order)
  }

  /** Whether an answer has shown by then what an id leads to, and that cannot have been forgotten since. */
  #isIdentified({ id, subject }: Asked, order: number): boolean {
    return this.#service.calls.some(
      call =>
        isBrought(call) &&
        call.asked.id === id &&
        call.noted !== undefined &&
        call.noted < order &&
        !this.#cuts.some(
          ({ kind, moment, subject: of }) =>
            of === subject &&
            (kind === 'deleted' || kind === 'evicted') &&
            moment.order > call.sent.order &&
            moment.order < order,
        ),
    )
  }

  /** The newest that the cache must hold for a reader: taken in before `order`, no old answer by any chance, nothing that was forgotten. */
  mustHold(asked: Asked, view: View, order: number): Brought | undefined {
    const subject = asked.subject
    return this.brought(subject, view, { order, at: 0, wall: 0 }).findLast(
      call =>
        call.noted !== undefined &&
        call.noted < order &&
        this.joins(asked, call, order) &&
        !this.mayBeOld(call) &&
        !this.#mayBeCheck(call) &&
        !this.#isOvertaken(call) &&
        !this.#isMadeAgain(call, order) &&
        !this.mayBeCut(['deleted', 'evicted'], subject, view, call.sent.order, order),
    )
  }

  /** Whether a name that led to the secret has been found to lead to the one which was made after it: its old ARN leads nowhere then. */
  #isMadeAgain({ asked: { subject }, view, sent, outcome }: Brought, order: number): boolean {
    return this.brought(subject, view, { order, at: 0, wall: 0 }).some(
      other => other.asked.form !== 'full' && other.sent.order > sent.order && other.outcome.version.arn !== outcome.version.arn,
    )
  }

  /** Whether the service has moved on from what was written: an answer on its way, old or new, cannot be told from the next version then. */
  #isOvertaken({ asked: { subject }, isWrite, outcome }: Brought): boolean {
    return isWrite === true && subject.reigns.at(-1) !== outcome.version
  }

  /** Of what was brought, all that may be held: the last one that was certainly taken in and is no old answer, and what has come since. */
  mayBeHeld(subject: Subject, view: View, at: Moment): Brought[] {
    const brought = this.brought(subject, view, at)
    const certain = brought.findLastIndex(call => call.noted !== undefined && call.noted < at.order && !this.mayBeOld(call))
    return brought.slice(Math.max(0, certain))
  }

  /** Whether it names a version that the cache may have left a moment ago: such an answer need not be believed. */
  mayBeOld(call: Brought): boolean {
    if (isPinned(call.view) || call.isWrite) return false
    const { subject } = call.asked
    const before = this.#service.calls
      .filter(other => other.asked.subject === subject && other.view === call.view && other !== call)
      .filter(isBrought)
      .filter(({ sent, settled }) => sent.order < call.settled.order && call.sent.at - settled.at < leftRecentlyMs)
    const others = before.filter(({ outcome }) => outcome.version !== call.outcome.version)
    return others.length > 0 && (this.#wasShown(call) || others.some(({ isWrite }) => isWrite) || this.#wasMoved(call))
  }

  #wasMoved({ asked, sent, outcome, settled }: Brought): boolean {
    return this.#moves.some(
      ({ version, moment }) =>
        version.subject === asked.subject &&
        version !== outcome.version &&
        moment.order < settled.order &&
        sent.at - moment.at < leftRecentlyMs,
    )
  }

  /** Whether it may only have been to find out, right after a doubtful answer, which labels the version has that is held: nobody reads that. */
  #mayBeCheck({ asked, view, sent }: Brought): boolean {
    return (
      isPinned(view) &&
      this.#service.calls.some(
        other =>
          other.asked.id === asked.id &&
          !isPinned(other.view) &&
          isBrought(other) &&
          other.settled.order < sent.order &&
          sent.order < (other.noted ?? Number.POSITIVE_INFINITY),
      )
    )
  }

  #wasShown({ outcome, sent, view, asked }: Brought): boolean {
    return this.#service.calls.some(
      other =>
        other.asked.subject === asked.subject &&
        other.view === view &&
        other.sent.order < sent.order &&
        isBrought(other) &&
        other.outcome.version === outcome.version &&
        this.#service.calls.some(
          later =>
            later.asked.subject === asked.subject &&
            later.view === view &&
            isBrought(later) &&
            later.outcome.version !== outcome.version &&
            later.settled.order > other.settled.order,
        ),
    )
  }

  /** From the answer to a plain name on, the account of plain names is known. */
  accountKnown(order: number): boolean {
    return this.#service.calls.some(
      call => call.asked.form === 'name' && isBrought(call) && call.noted !== undefined && call.noted < order,
    )
  }

  /** As `accountKnown`, of the time from which it may be known: the answer is there, and may not be taken in yet. */
  accountMayBeKnown(order: number): boolean {
    return this.#service.calls.some(call => call.asked.form === 'name' && isBrought(call) && call.settled.order < order)
  }
}

/** Whether two ids look as if they might be of one secret. Once the account of plain names is known, another one's ARN does not. */
function mayBeOfOne(one: Asked, other: Asked, isAccountKnown: boolean): boolean {
  const areArns = one.form !== 'name' && other.form !== 'name'
  if ((areArns || isAccountKnown) && one.subject.fake !== other.subject.fake) return false
  return namesIn(one).some(name => namesIn(other).includes(name))
}

/** A full ARN looks like a partial one of a longer name. */
function namesIn({ id, form }: Asked): string[] {
  const resource = id.slice(id.lastIndexOf(':') + 1)
  return form === 'full' ? [resource, resource.slice(0, -7)] : [resource]
}

function isBrought(call: Call): call is Brought {
  return call.settled !== undefined && call.outcome !== undefined && 'version' in call.outcome
}

/** The views that a move of AWSCURRENT expires: labels, but neither itself nor versions by their ids. */
export function otherLabels(view: View): boolean {
  return view !== current && !isPinned(view)
}
