import { SecretCache, type SecretCacheOptions } from '../../src/index.js'
import { checkInvariants } from '../support/check-invariants.js'
import type { Run, Step, WorldCommand } from './commands.js'
import { checkCounters } from './counters.js'
import type { Bell } from './events.js'
import { Heard } from './heard.js'
import { Judge, type Violation } from './judge.js'
import { Memory } from './memory.js'
import { Player } from './player.js'
import { RefreshJudge } from './refresh-judge.js'
import { Service } from './service.js'
import { leftRecentlyMs, settings } from './settings.js'
import { Pending } from './stage.js'
import { current, type Version } from './subjects.js'
import { microtasks, Timeline } from './timeline.js'

/** Longer than any deadline, pause and re-read that is under way. */
const allSettledMs = 60_000

/** Opens a cache; a test of the judge opens one that breaks a promise. */
export type Open = (options: SecretCacheOptions) => SecretCache

/** Plays a run on a cache. Returns the promises that it broke. */
export async function play(run: Run, open: Open = options => new SecretCache(options)): Promise<readonly Violation[]> {
  const { random } = Math
  Math.random = randomFrom(run.seed)
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', onUnhandled)
  try {
    const game = new Game(run, open)
    await game.play(run.steps)
    for (const reason of unhandled) game.judge.convict('rejection', `nobody handled ${reason}`)
    return game.judge.violations
  } finally {
    process.off('unhandledRejection', onUnhandled)
    Math.random = random
  }
}

class Game {
  readonly judge: Judge
  readonly #timeline = new Timeline()
  readonly #service = new Service(this.#timeline)
  readonly #memory = new Memory(this.#service)
  readonly #run: Run
  readonly #cache: SecretCache
  readonly #heard: Heard
  readonly #player: Player
  readonly #pending: Pending

  constructor(run: Run, open: Open) {
    const { maxEntries, refreshSpreadMs, singleAttempt } = run
    this.#run = run
    this.judge = new Judge(this.#memory, this.#timeline)
    const source = {
      singleAttempt,
      get: this.#service.get.bind(this.#service),
      getMany: this.#service.getMany.bind(this.#service),
    }
    this.#cache = open({ source, clock: this.#timeline.clock, maxEntries, refreshSpreadMs, ...settings })
    this.#heard = new Heard(this.#cache, this.#service, this.#memory, this.judge)
    const refreshJudge = new RefreshJudge(this.judge, this.#memory, refreshSpreadMs)
    this.#pending = new Pending(this.judge)
    this.#player = new Player({
      cache: this.#cache,
      service: this.#service,
      memory: this.#memory,
      judge: this.judge,
      refreshJudge,
      heard: this.#heard,
      pending: this.#pending,
      spreadMs: refreshSpreadMs,
    })
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const { command, ticks } of steps) {
      await this.#step(command)
      if (ticks === 'all') await this.#timeline.clock.advance(0)
      else await microtasks(ticks)
      this.#checkBound()
    }
    if (this.#run.closesEarly) await this.#close()
    else {
      await this.#converge()
      await this.#close()
    }
    this.#heard.check()
    checkCounters(this.#cache.stats(), this.#heard.counts, this.#player.reader.counts, this.#service, this.judge)
  }

  async #step(command: Step['command']): Promise<void> {
    if (command.do === 'advance') await this.#timeline.clock.advance(command.ms)
    else if (isOfWorld(command)) this.#change(command)
    else this.#player.do(command)
  }

  #change(command: WorldCommand): void {
    const { weather, subjects } = this.#service
    const subject = 'secret' in command ? subjects[command.secret] : undefined
    switch (command.do) {
      case 'rotate':
        if (subject !== undefined) this.#service.rotate(subject)
        break
      case 'rollBack':
        if (subject !== undefined) this.#service.rollBack(subject)
        break
      case 'toggle':
        if (subject !== undefined) this.#service.toggle(subject)
        break
      case 'fail':
        weather.error = command.error
        weather.only = command.only === undefined ? undefined : subjects[command.only]
        break
      case 'recover':
        this.#recover()
        break
      case 'latency':
        weather.latency = command.latency
        break
      case 'letGo':
        this.#service.letGo(command.which)
        break
      case 'old':
        weather.oldAnswers = command.times
        break
      case 'jump':
        // What is held is seen before each jump: nobody can tell two jumps from one between which nobody has looked at the clock.
        this.#look()
        this.#timeline.jump(command.ms)
    }
  }

  /** Has the cache read the clock. */
  #look(): void {
    for (const { arns } of this.#service.subjects) this.#cache.peek(arns.at(-1) ?? '')
  }

  #recover(): void {
    const { weather } = this.#service
    weather.error = undefined
    weather.oldAnswers = 0
    weather.latency = 0
  }

  /** Once all is well, what was told of is there within seconds, and everything after the windows. */
  async #converge(): Promise<void> {
    const { clock } = this.#timeline
    this.#recover()
    this.#service.letAllGo()
    const told = this.#service.subjects.filter(subject => this.#isTold(subject.reigns.at(-1)))
    await clock.advance(settings.loadTimeoutMs + settings.backoff.maxMs + this.#run.refreshSpreadMs)
    await this.#lookAtAll()
    await clock.advance(1_000)
    for (const [subject, version] of await this.#lookAtAll()) {
      const isTold = told.includes(subject) && this.#isTold(subject.reigns.at(-1))
      if (isTold && version !== undefined && version !== subject.reigns.at(-1)) {
        this.judge.convict('event', `${subject.name} was told of, and is at ${version.number} still`)
      }
    }
    await clock.advance(settings.ttlMs + settings.staleWhileRevalidateMs + 60_000)
    await this.#lookAtAll()
    await clock.advance(allSettledMs)
    for (const [subject, version] of await this.#lookAtAll()) {
      if (version !== (subject.isThere ? subject.reigns.at(-1) : undefined)) {
        this.judge.convict('converges', `${subject.name} is at ${version?.number}`)
      }
    }
  }

  /** Whether the cache has taken up an event about this version after it became the current one. */
  #isTold(version: Version | undefined): boolean {
    return this.#player.changer.bells.some(
      bell =>
        bell.move.version === version &&
        bell.move === this.#service.events.findLast(({ version: each }) => each.subject === version?.subject) &&
        !bell.results?.some(({ outcome }) => outcome === 'ignored') &&
        !this.#isUndone(bell, version),
    )
  }

  /**
   * Whether an event has been dealt with, and an old answer after that need not have been doubted: its version was never left here, or long
   * ago. Then it counts as a rollback.
   */
  #isUndone({ begin, end = begin, results }: Bell, version: Version | undefined): boolean {
    if (version === undefined) return false
    const isNothingNew = results?.[0]?.reason === 'already current' || this.#timeline.hasJumpedSince(begin)
    return this.#memory.calls(version.subject, current).some(({ sent, outcome, noted = Number.POSITIVE_INFINITY }) => {
      const isOld = outcome !== undefined && 'version' in outcome && outcome.version !== version
      // Which version was left is forgotten with the rest.
      const isForgotten = this.#memory.mayBeCut(['deleted', 'evicted'], version.subject, current, begin.order, sent.order)
      const needsNoDoubt = isNothingNew || isForgotten || sent.at - end.at >= leftRecentlyMs
      return isOld && noted > begin.order && needsNoDoubt
    })
  }

  async #lookAtAll(): Promise<[Version['subject'], Version | undefined][]> {
    const looks = this.#service.subjects.map(
      async (subject): Promise<[Version['subject'], Version | undefined]> => [
        subject,
        await this.#player.reader.look(this.#service.asked(subject, 0)),
      ],
    )
    await this.#timeline.clock.advance(10_000)
    return Promise.all(looks)
  }

  async #close(): Promise<void> {
    this.judge.closedAt = Math.min(this.judge.closedAt, this.#timeline.next().order)
    let isClosed = false
    const closing = this.#cache.close().then(() => {
      isClosed = true
    })
    const { open } = this.#pending
    open.add(closing)
    void closing.finally(() => open.delete(closing))
    await this.#timeline.clock.advance(allSettledMs)
    if (open.size > 0 || !isClosed) this.judge.convict('left behind', `${open.size} promises never settled`)
    for (const follower of this.#heard.followers) follower.stop()
    for (const subject of this.#service.subjects) {
      this.#player.do({
        do: 'read',
        secret: this.#service.subjects.indexOf(subject),
        form: 0,
        way: 'secret',
        wanted: undefined,
        abortMs: undefined,
      })
      this.#player.do({ do: 'peek', secret: this.#service.subjects.indexOf(subject), form: 0, way: 'peek', wanted: undefined })
    }
    await this.#timeline.clock.advance(0)
    for (const cancel of this.#player.timers) cancel()
    checkInvariants(this.#cache)
    const timers = this.#timeline.clock.pending - this.#service.pendingTimers
    if (timers > 0) this.judge.convict('left behind', `${timers} timers after close`)
    if (this.#cache.stats().entries > 0) this.judge.convict('left behind', 'entries after close')
  }

  #checkBound(): void {
    const followed = this.#heard.followedEntries(this.#timeline.next().order)
    const { entries } = this.#cache.stats()
    if (entries > this.#run.maxEntries + followed) this.judge.convict('bound', `${entries} entries, ${followed} of them followed`)
    checkInvariants(this.#cache)
  }
}

function isOfWorld(command: Step['command']): command is WorldCommand {
  return ['rotate', 'rollBack', 'toggle', 'fail', 'recover', 'latency', 'letGo', 'old', 'jump'].includes(command.do)
}

/** A cache draws its jitter by `Math.random`; the same run must draw the same. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
