import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { type DatabaseFields, masterNamed } from '../rotating.js'
import { newSignal, type Signal } from '../signal.js'
import { AccountedService } from './accounted-service.js'
import type { Contestant, ExamPool } from './contestant.js'
import type { ExamServer } from './exam-server.js'
import { msToMove } from './goals.js'
import { Passage } from './passage.js'
import type { Scenario } from './scenarios.js'
import { type Work, Workload } from './workload.js'

/** As many as there are workers, for a pool that grows. */
const [usualSize, grownSize] = [10, 20]
const [killEveryMs, killWithinMs] = [400, 500]
const lookEveryMs = 50

/** What came of one rotation. */
export interface RotationReport {
  /** Reading calls of the contestant to Secrets Manager. */
  readonly calls: number
  /** Logins of the contestant that the server has refused. */
  readonly refused: number
  /**
   * How long until every connection that nobody held in a transaction had the new credentials, since the contestant could know of them;
   * undefined if too long.
   */
  readonly movedAfterMs: number | undefined
  /** How many had not when the time was over. */
  readonly lateConnections: number
  /** From the step that gives the database the new password until AWSCURRENT had moved. */
  readonly windowMs: number
  /** How long all of it took. */
  readonly tookMs: number
}

/** A contestant with a secret, a user, and workers. */
export class Sitting {
  /** How many connections were killed. */
  killed: number = 0
  readonly #scenario: Scenario
  readonly #server: ExamServer
  readonly #pool: ExamPool
  readonly #service: AccountedService
  readonly #workload: Workload
  readonly #secretId: string
  readonly #users: readonly string[]
  /** Between these moments the database has got the last password. A session that began then may have either. */
  #changed = { from: 0, to: 0 }
  /** When the step began that gives the database the next password. */
  #setSecretAt = 0
  /** The database has the next password. */
  #hasPassword: Signal = newSignal()
  /** The way to the server, where that changes. */
  #passage: Passage | undefined

  private constructor({ scenario, server, service, pool, username, passage }: Place) {
    this.#secretId = secretOf(username)
    this.#scenario = scenario
    this.#server = server
    this.#service = service
    this.#pool = pool
    this.#users = [username, `${username}_clone`]
    this.#passage = passage
    this.#workload = new Workload(pool, server.statements)
  }

  static async begin(contestant: Contestant, scenario: Scenario, server: ExamServer): Promise<Sitting> {
    const { strategy, pendingDenied, tryPending, ttlMs, meanwhile } = scenario
    const user = masterNamed(await server.makeUser(), strategy)
    const passage = meanwhile === 'endpoint moves' ? await Passage.open(user.port) : undefined
    if (passage !== undefined) user.port = passage.port
    const secretId = secretOf(user.username)
    const service = new AccountedService(
      { [secretId]: { ...user }, master: { ...server.masterSecret() } },
      { strategy, engine: server.engine(), before: step => sitting.#before(step) },
    )
    const client = service.client({ pendingDenied })
    const { ca, endpoint } = server
    const size = sizeIn(scenario)
    const pool = await contestant.open({ secretId, client, fake: service.fake, ca, endpoint, size, tryPending, ttlMs })
    const sitting: Sitting = new Sitting({ scenario, server, service, pool, username: user.username, passage })
    return sitting
  }

  get work(): Work {
    return this.#workload.work
  }

  /** Lets the workers work, while connections break now and then. */
  async workUntil(time: number): Promise<void> {
    this.#workload.phase = 'between rotations'
    while (Date.now() < time) {
      await sleep(Math.min(killEveryMs, time - Date.now()))
      await this.#kill(2, killWithinMs)
    }
  }

  /** Rotates, and looks what becomes of the connections. */
  async rotate(turn: number): Promise<RotationReport> {
    const { meanwhile } = this.#scenario
    if (meanwhile === 'pool grows') await this.#shrink()
    else await this.#fill()
    const begunAt = Date.now()
    const [callsBefore, refusedBefore] = [this.#service.calls, this.#server.refusedLogins(this.#users)]
    this.#workload.phase = `rotation ${turn}, createSecret`
    const rotates = meanwhile !== 'endpoint moves'
    const events = rotates ? await this.#service.rotate(this.#secretId) : await this.#moveEndpoint()
    const windowMs = rotates ? Date.now() - this.#setSecretAt : 0
    this.#workload.phase = `rotation ${turn}, moving over`
    if (meanwhile === 'server is full') await this.#server.limitConnections(this.#username, usualSize)
    await this.#spread(events)
    const outcome = await this.#look(Date.now())
    // Calls that are made too often come late.
    await sleep(300)
    if (meanwhile === 'server is full') await this.#server.limitConnections(this.#username)
    return {
      calls: this.#service.calls - callsBefore,
      // The rotation itself tries first whether the new password works already.
      refused: this.#server.refusedLogins(this.#users) - refusedBefore - (rotates ? 1 : 0),
      ...outcome,
      windowMs,
      tookMs: Date.now() - begunAt,
    }
  }

  async end(): Promise<void> {
    await this.#workload.stop()
    await this.#pool.close()
    this.#passage?.close()
  }

  /** Whether the user cannot log in any more. */
  async isLocked(): Promise<boolean> {
    return !(await this.#server.letsIn(this.#current))
  }

  get #current(): DatabaseFields {
    return this.#service.current(this.#secretId)
  }

  get #username(): string {
    return this.#current.username
  }

  /** Tells the contestant, or makes it find out. */
  async #spread(events: readonly unknown[]): Promise<void> {
    const { announced, strategy, windowMs } = this.#scenario
    if (announced) for (const event of events) void this.#pool.hear?.(event)
    // Without an event one user's rotation is noticed by who has to log in.
    else if (strategy === 'single-user' && windowMs === 0) await this.#kill(usualSize)
  }

  async #before(step: string): Promise<void> {
    this.#workload.phase = this.#workload.phase.replace(/\w+$/, step)
    if (step === 'setSecret') {
      this.#setSecretAt = Date.now()
      this.#changed.from = await this.#server.mark()
    }
    if (step === 'testSecret') this.#changed.to = await this.#server.mark()
    const { meanwhile, windowMs } = this.#scenario
    if (step === 'testSecret') this.#hasPassword.happen()
    if (step !== 'finishSecret') return
    if (windowMs === 0) return
    // Some have to log in anew, and some stay.
    if (meanwhile === 'pool grows') void this.#workload.burst(grownSize)
    else await this.#kill(usualSize / 2)
    await sleep(windowMs)
  }

  /** Gives the secret another address. Who is connected may stay, but nobody comes in by the old one. */
  async #moveEndpoint(): Promise<readonly []> {
    const old = this.#passage
    this.#passage = await Passage.open(this.#server.masterSecret().port)
    this.#changed.from = await this.#server.mark()
    this.#service.change(this.#secretId, { port: this.#passage.port })
    old?.closeToOthers()
    this.#changed.to = await this.#server.mark()
    return []
  }

  /** Looks until all connections have moved over, or until that is too late. */
  async #look(toldAt: number): Promise<Pick<RotationReport, 'movedAfterMs' | 'lateConnections'>> {
    const tooLateMs = msToMove(this.#scenario)
    const username = this.#username
    const answeredBefore = this.work.answered
    // Counted in looks, too: they take their time on a machine that is busy, as does everything that is looked for.
    for (let looks = 1; ; looks += 1) {
      const tookMs = Date.now() - toldAt
      const sessions = await this.#server.sessions(this.#users)
      const released = sessions.filter(({ id }) => !this.#workload.inTransaction.has(id))
      const older = released.filter(({ user, born }) => user !== username || born < this.#changed.from)
      const isAlive = this.work.answered > answeredBefore && released.some(({ born }) => born > this.#changed.to)
      if (isAlive && older.length === 0) return { movedAfterMs: tookMs, lateConnections: 0 }
      if (Math.min(tookMs, looks * lookEveryMs) > tooLateMs) return { movedAfterMs: undefined, lateConnections: older.length }
      await sleep(lookEveryMs)
    }
  }

  /** Has the pool open all connections that it may have: what becomes of them is what a rotation is about. */
  async #fill(): Promise<void> {
    const { plain } = this.#server.statements
    await this.#workload.atRest(async () => {
      await Promise.allSettled(Array.from({ length: sizeIn(this.#scenario) }, () => this.#pool.query(plain)))
    })
  }

  /** Leaves the pool one connection, which has just logged in, and nobody who uses it until the database has the next password. */
  async #shrink(): Promise<void> {
    const isSmall = newSignal()
    this.#hasPassword = newSignal()
    const rested = this.#workload.atRest(async () => {
      await this.#end(grownSize)
      // A pool that does not follow has no login that works, and its queries tell of that.
      await this.#pool.query(this.#server.statements.plain).catch(() => {})
      isSmall.happen()
      await this.#hasPassword.happened
    })
    await Promise.race([isSmall.happened, rested])
  }

  /**
   * Ends connections at the server, as a restart or a proxy would. Only idle ones, while nobody asks for one: whoever is using a
   * connection that breaks sees it break, whatever the pool.
   */
  async #kill(most: number, withinMs?: number): Promise<void> {
    await this.#workload.atRest(() => this.#end(most), withinMs)
  }

  async #end(most: number): Promise<void> {
    const idle = (await this.#server.sessions(this.#users)).filter(({ id }) => !this.#workload.inTransaction.has(id))
    const victims = idle.slice(0, most).map(({ id }) => id)
    if (victims.length === 0) return
    await this.#server.kill(victims)
    // The client hears of it a moment after the server has forgotten it, and a proxy between them a moment before.
    await sleep(20)
    for (let turn = 0; turn < 3; turn += 1) await nextTurn()
    this.killed += victims.length
  }
}

/** What a contestant is examined with. */
interface Place {
  readonly scenario: Scenario
  readonly server: ExamServer
  readonly service: AccountedService
  readonly pool: ExamPool
  readonly username: string
  readonly passage: Passage | undefined
}

function sizeIn({ meanwhile }: Scenario): number {
  return meanwhile === 'pool grows' ? grownSize : usualSize
}

/** Each scenario has a secret of its own name, too: some contestants keep theirs for the whole process. */
function secretOf(username: string): string {
  return `prod/${username}`
}
