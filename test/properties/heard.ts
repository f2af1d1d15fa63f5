import type { EventOf, SecretCache, SecretCacheEvent } from '../../src/index.js'
import type { Judge } from './judge.js'
import { type Brought, type Memory, otherLabels } from './memory.js'
import type { Service } from './service.js'
import { leftRecentlyMs, rereadMs, rereads } from './settings.js'
import { type Asked, current, isPinned, type Subject } from './subjects.js'
import type { Moment } from './timeline.js'
import { type Item, Told } from './told.js'

interface Follower {
  readonly asked: Asked
  readonly heard: string[]
  readonly since: Moment
  readonly stop: () => void
  until?: Moment
}

/** Hears all that a cache tells, and holds it to what its loads have brought. */
export class Heard {
  readonly counts: Record<SecretCacheEvent['type'], number> = {
    loaded: 0,
    rotated: 0,
    stale: 0,
    error: 0,
    recovered: 0,
    evicted: 0,
  }
  readonly followers: Follower[] = []
  readonly #service: Service
  readonly #memory: Memory
  readonly #judge: Judge
  readonly #items = new Map<string, { readonly subject: Subject; readonly items: Item[] }>()
  readonly #rotated: { readonly subject: Subject; readonly move: string; readonly moment: Moment }[] = []
  readonly #left = new Map<string, Moment>()
  readonly #tells: { readonly versionId: string; readonly movedAt: Moment; readonly moment: Moment }[] = []

  constructor(cache: SecretCache, service: Service, memory: Memory, judge: Judge) {
    this.#service = service
    this.#memory = memory
    this.#judge = judge
    for (const type of ['loaded', 'stale', 'error', 'rotated', 'evicted'] as const) {
      cache.on(type, event => {
        this.counts[type] += 1
        this.#hear(event)
      })
    }
  }

  follow(cache: SecretCache, asked: Asked): void {
    const heard: string[] = []
    const unlisten = cache.handle(asked.id).on('rotated', ({ previousVersionId, versionId }) => {
      heard.push(`${previousVersionId} > ${versionId}`)
    })
    const follower: Follower = {
      asked,
      heard,
      since: this.#service.timeline.next(),
      stop: () => {
        unlisten()
        if (follower.until !== undefined) return
        follower.until = this.#service.timeline.next()
        this.#items.get(keyOf(asked.subject, current))?.items.push({ kind: 'unfollowed' })
        // If it was deleted meanwhile, nobody knows any more which version was left.
        this.#forgetLeft(keyOf(asked.subject, current))
      },
    }
    this.followers.push(follower)
  }

  /** How many entries are followed at most: two ids have one each until answers have shown that they are one secret's. */
  followedEntries(order: number): number {
    const ids = new Map<string, Asked>()
    for (const { asked, until } of this.followers) if (until === undefined) ids.set(asked.id, asked)
    return new Set([...ids.values()].map(asked => this.#memory.shownArn(asked, order) ?? asked.id)).size
  }

  /** An event is handed over that names a version. */
  told(versionId: string, movedAt: Moment): void {
    this.#tells.push({ versionId, movedAt, moment: this.#service.timeline.next() })
  }

  /** A secret is deleted by one of its ids. What somebody follows, certainly by the same secret's id, is not forgotten as if nobody cared. */
  deleted(asked: Asked): void {
    const { subject } = asked
    const { order } = this.#service.timeline.next()
    const arn = this.#memory.shownArn(asked, order)
    const isFollowed = this.followers.some(
      ({ asked: as, until }) =>
        until === undefined &&
        as.subject === subject &&
        (as.id === asked.id || (arn !== undefined && this.#memory.shownArn(as, order) === arn)),
    )
    for (const [key, { items }] of this.#items) {
      if (!key.startsWith(keyOf(subject, ''))) continue
      if (isFollowed && key === keyOf(subject, current)) items.push({ kind: 'deleted' })
      else {
        // By an id that is not known to lead there, it may be held all the same.
        if (arn === undefined) items.push({ kind: 'apart' })
        this.#forget(key)
      }
    }
  }

  /** Which version was left is forgotten with the rest: what comes next may be an older one. */
  #forget(key: string): void {
    this.#items.get(key)?.items.push({ kind: 'forgotten' })
    this.#forgetLeft(key)
  }

  #forgetLeft(key: string): void {
    for (const left of this.#left.keys()) if (left.startsWith(`${key} `)) this.#left.delete(left)
  }

  written(subject: Subject, to: string): void {
    this.#itemsOf(subject, current).push({ kind: 'written', to })
  }

  /** Once all is over: every change was told exactly once, to every follower, in order. */
  check(): void {
    for (const [key, { subject, items }] of this.#items) {
      // Made again, it is two secrets until an answer to its name shows which one that means; test/core/entries/made-again has the cases.
      if (subject.arns.length === 1) this.#checkItems(key, items)
    }
    for (const { asked, heard, since, until } of this.followers) {
      if (asked.form === 'full' && asked.subject.arns.length > 1) continue
      const changes = this.#rotated
        .filter(({ subject, moment }) => subject === asked.subject && moment.order > since.order)
        .filter(({ moment }) => until === undefined || moment.order < until.order)
        // Until the account of plain names is known, a name means nothing that an ARN has shown.
        .filter(({ moment }) => asked.form !== 'name' || this.#memory.accountMayBeKnown(moment.order))
      const due = changes.filter(({ moment }) => asked.form !== 'name' || this.#memory.accountKnown(moment.order))
      // The rest came at the very answer which shows that account, before it was taken in or with it.
      // Made again, the secret may be known by its new ARN before the name leads there: who follows the name has left the old one.
      const compared = (moves: string[]): string[] =>
        asked.subject.arns.length > 1 ? moves.map(move => move.replace(/.*> /, '')) : moves
      if (!isBetween(compared(heard), compared(due.map(moveOf)), compared(changes.map(moveOf)))) {
        this.#judge.convict('follower', `a follower of ${asked.id} heard [${heard}], but there was [${due.map(moveOf)}]`)
      }
    }
  }

  #hear(event: SecretCacheEvent): void {
    const subject =
      event.arn === undefined ? undefined : this.#service.subjects.find(({ arns }) => arns.includes(event.arn ?? ''))
    if (subject === undefined) return
    const view = event.versionStage
    if (event.type === 'evicted') this.#evicted(subject, view)
    else if (view === undefined) {
      if (event.type === 'rotated')
        this.#judge.convict('rotated', `a version of ${event.secretId} that was read by its id has rotated`)
    } else if (event.type === 'loaded') {
      this.#itemsOf(subject, view).push({ kind: 'loaded', to: event.versionId })
    } else if (event.type === 'rotated') this.#heardRotated(subject, view, event)
  }

  #heardRotated(subject: Subject, view: string, { previousVersionId: from, versionId: to }: EventOf<'rotated'>): void {
    const moment = this.#service.timeline.next()
    this.#checkDirection(subject, view, from, to, moment)
    this.#left.set(`${keyOf(subject, view)} ${from}`, moment)
    this.#itemsOf(subject, view).push({ kind: 'rotated', from, to })
    if (view !== current) return
    this.#rotated.push({ subject, move: `${from} > ${to}`, moment })
    this.#memory.cut('invalidated', subject, undefined, otherLabels)
  }

  /** Back to a version that was just left only if the service insists, or an event that is not an old one names it. */
  #checkDirection(subject: Subject, view: string, from: string, to: string, moment: Moment): void {
    const left = this.#left.get(`${keyOf(subject, view)} ${to}`)
    const { timeline } = this.#service
    if (left === undefined || moment.at - left.at >= leftRecentlyMs || timeline.hasJumpedSince(left)) return
    const brought = this.#memory.brought(subject, view, moment)
    const held = brought.findLast(({ outcome, settled }) => outcome.version.versionId === from && settled.order < moment.order)
    const isTold = this.#tells.some(tell => tell.versionId === to && this.#isLater(tell, subject, view, held))
    const since = brought.findLastIndex(({ outcome }) => outcome.version.versionId !== to)
    const [first] = brought.slice(since + 1)
    const insists = first !== undefined && moment.at - first.sent.at >= rereadMs
    // One load has read it again as often as it must, whatever another has brought meanwhile.
    const [again, ...more] = brought.filter(({ outcome, sent }) => outcome.version.versionId === to && sent.order > left.order)
    const isReadAgain = again !== undefined && more.length >= rereads && moment.at - again.sent.at >= rereadMs
    if (!isTold && !insists && !isReadAgain)
      this.#judge.convict('rotated', `${subject.name} went back to a version that it left ${moment.at - left.at} ms before`)
  }

  /** Whether an event is of a later time than the load that brought what is held, or what was held when it came, if anything was. */
  #isLater(
    { movedAt, moment }: { movedAt: Moment; moment: Moment },
    subject: Subject,
    view: string,
    held: Brought | undefined,
  ): boolean {
    const before = this.#memory.brought(subject, view, moment).at(-1)
    const wasHeld =
      before !== undefined && !this.#memory.mayBeCut(['deleted', 'evicted'], subject, view, before.sent.order, moment.order)
    const sent = [held?.sent, wasHeld ? before.sent : undefined]
    // Once the clock has jumped, its times do not tell what came first.
    if ([movedAt, ...sent].some(each => each !== undefined && this.#service.timeline.hasJumpedSince(each))) return true
    return movedAt.at + 1_000 >= Math.min(...sent.map(each => each?.at ?? 0))
  }

  #evicted(subject: Subject, view: string | undefined): void {
    this.#memory.cut('evicted', subject, undefined, each => (view === undefined ? isPinned(each) : each === view))
    if (view !== undefined) this.#forget(keyOf(subject, view))
  }

  #checkItems(key: string, items: readonly Item[]): void {
    const told = new Told(what => this.#judge.convict('rotated', `${key}: ${what}`))
    for (const item of items) told.take(item)
    told.end()
  }

  #itemsOf(subject: Subject, view: string): Item[] {
    const key = keyOf(subject, view)
    const { items } = this.#items.get(key) ?? { items: [] }
    this.#items.set(key, { subject, items })
    return items
  }
}

function moveOf({ move }: { move: string }): string {
  return move
}

/** Whether a list has all that it must, and nothing beyond what it may, in that order. */
function isBetween(list: readonly string[], must: readonly string[], may: readonly string[]): boolean {
  return isPart(must, list) && isPart(list, may)
}

/** Whether a list is another one without some of its items. */
function isPart(part: readonly string[], whole: readonly string[]): boolean {
  let found = 0
  for (const item of whole) if (item === part[found]) found += 1
  return found === part.length
}

function keyOf({ name, fake }: Subject, view: string): string {
  return `${fake.accountId}/${name} ${view}`
}
