import { setTimeout as sleep } from 'node:timers/promises'
import { AccountedService } from './accounted-service.js'
import type { Contestant, ExamPool } from './contestant.js'
import type { ExamServer } from './exam-server.js'
import { msToMove } from './goals.js'
import type { Scenario } from './scenarios.js'
import { type Work, Workload } from './workload.js'

const poolSize = 10
const killEveryMs = 400
const lookEveryMs = 50

/** What came of one rotation. */
export interface RotationReport {
  /** Reading calls of the contestant to Secrets Manager. */
  readonly calls: number
  /** Logins of the contestant that the server has refused. */
  readonly refused: number
  /** How long until every connection that nobody held in a transaction had the new credentials; undefined if too long. */
  readonly movedAfterMs: number | undefined
  /** How many had not when the time was over. */
  readonly lateConnections: number
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

  private constructor(scenario: Scenario, server: ExamServer, service: AccountedService, pool: ExamPool, username: string) {
    this.#secretId = secretOf(username)
    this.#scenario = scenario
    this.#server = server
    this.#service = service
    this.#pool = pool
    this.#users = [username, `${username}_clone`]
    this.#workload = new Workload(pool, server.statements)
  }

  static async begin(contestant: Contestant, scenario: Scenario, server: ExamServer): Promise<Sitting> {
    const { strategy, pendingDenied, ttlMs } = scenario
    const user = { ...(await server.makeUser()), masterarn: 'master' }
    const secretId = secretOf(user.username)
    const service = new AccountedService(
      { [secretId]: { ...user }, master: { ...server.masterSecret() } },
      { strategy, engine: server.engine(), before: step => sitting.#before(step) },
    )
    const client = service.client({ pendingDenied })
    const pool = await contestant.open({ secretId, client, fake: service.fake, ca: server.ca, size: poolSize, ttlMs })
    const sitting: Sitting = new Sitting(scenario, server, service, pool, user.username)
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
      await this.#kill(2)
    }
  }

  /** Rotates, and looks what becomes of the connections. */
  async rotate(turn: number): Promise<RotationReport> {
    const { announced, strategy, windowMs } = this.#scenario
    await this.#fill()
    const [callsBefore, refusedBefore] = [this.#service.calls, this.#server.refusedLogins(this.#users)]
    this.#workload.phase = `rotation ${turn}, createSecret`
    const events = await this.#service.rotate(this.#secretId)
    this.#workload.phase = `rotation ${turn}, moving over`
    const movedAt = Date.now()
    if (announced) for (const event of events) void this.#pool.hear?.(event)
    // Without an event one user's rotation is noticed by who has to log in.
    else if (strategy === 'single-user' && windowMs === 0) await this.#kill(poolSize, 5_000)
    const outcome = await this.#look(movedAt)
    // Calls that are made too often come late.
    await sleep(300)
    return {
      calls: this.#service.calls - callsBefore,
      // The rotation itself tries first whether the new password works already.
      refused: this.#server.refusedLogins(this.#users) - refusedBefore - 1,
      ...outcome,
    }
  }

  async end(): Promise<void> {
    await this.#workload.stop()
    await this.#pool.close()
  }

  async #before(step: string): Promise<void> {
    this.#workload.phase = this.#workload.phase.replace(/\w+$/, step)
    if (step === 'setSecret') this.#changed.from = await this.#server.mark()
    if (step === 'testSecret') this.#changed.to = await this.#server.mark()
    if (step !== 'finishSecret' || this.#scenario.windowMs === 0) return
    // Some have to log in anew, and some stay.
    await this.#kill(poolSize / 2, 5_000)
    await sleep(this.#scenario.windowMs)
  }

  /** Looks until all connections have moved over, or until that is too late. */
  async #look(movedAt: number): Promise<Pick<RotationReport, 'movedAfterMs' | 'lateConnections'>> {
    const tooLateMs = msToMove(this.#scenario)
    const username = this.#service.currentUser(this.#secretId)
    const answeredBefore = this.work.answered
    while (true) {
      const tookMs = Date.now() - movedAt
      const sessions = await this.#server.sessions(this.#users)
      const released = sessions.filter(({ id }) => !this.#workload.inTransaction.has(id))
      const older = released.filter(({ user, born }) => user !== username || born < this.#changed.from)
      const isAlive = this.work.answered > answeredBefore && released.some(({ born }) => born > this.#changed.to)
      if (isAlive && older.length === 0) return { movedAfterMs: tookMs, lateConnections: 0 }
      if (tookMs > tooLateMs) return { movedAfterMs: undefined, lateConnections: older.length }
      await sleep(lookEveryMs)
    }
  }

  /** Has the pool open all connections that it may have: what becomes of them is what a rotation is about. */
  async #fill(): Promise<void> {
    const { plain } = this.#server.statements
    await this.#workload.atRest(async () => {
      await Promise.allSettled(Array.from({ length: poolSize }, () => this.#pool.query(plain)))
    }, 5_000)
  }

  /**
   * Ends connections at the server, as a restart or a proxy would. Only idle ones, while nobody asks for one: whoever is using a
   * connection that breaks sees it break, whatever the pool.
   */
  async #kill(most: number, withinMs?: number): Promise<void> {
    await this.#workload.atRest(async () => {
      const idle = (await this.#server.sessions(this.#users)).filter(({ id }) => !this.#workload.inTransaction.has(id))
      const victims = idle.slice(0, most).map(({ id }) => id)
      if (victims.length === 0) return
      await this.#server.kill(victims)
      // The client hears of it a moment after the server has forgotten it.
      await sleep(20)
      this.killed += victims.length
    }, withinMs)
  }
}

/** Each scenario has a secret of its own name, too: some contestants keep theirs for the whole process. */
function secretOf(username: string): string {
  return `prod/${username}`
}
