import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExamPool, Rows } from './contestant.js'
import type { Statements } from './exam-server.js'
import { type Failure, failureOf } from './failure.js'
import { Gate } from './gate.js'

const workers = 20
const meanPauseMs = 150
const longTransactionMs = 1_500
/** An answer that has not come by then never comes. */
const patienceMs = 30_000
/** By then the workers have come to rest, whatever it was that they waited for. */
const restsWithinMs = patienceMs + 5_000

/** What the workers have done. */
export interface Work {
  /** Queries, prepared statements and transactions that were answered, and rightly. */
  answered: number
  failures: Failure[]
  /** How many of the failures are transactions that had begun. */
  cutTransactions: number
  /** What took longest of all that was answered. */
  longest: Pick<Failure, 'what' | 'phase' | 'tookMs'> | undefined
}

/** Twenty workers that use a pool: one for transactions that last, the others for queries, prepared statements and short transactions in turn. */
export class Workload {
  readonly work: Work = { answered: 0, failures: [], cutTransactions: 0, longest: undefined }
  /** The sessions that are in a transaction. */
  readonly inTransaction: Set<number> = new Set()
  /** What happens meanwhile, for the record. */
  phase: string = 'the start'
  readonly #pool: ExamPool
  readonly #statements: Statements
  readonly #gate = new Gate()
  readonly #workers: Promise<unknown>
  #running = 0
  /** How many of them are in a transaction that lasts. */
  #lasting = 0
  #over = false

  constructor(pool: ExamPool, statements: Statements) {
    this.#pool = pool
    this.#statements = statements
    this.#workers = Promise.all(Array.from({ length: workers }, (_, n) => (n === 0 ? this.#workLong() : this.#workShort(n))))
  }

  async stop(): Promise<void> {
    this.#over = true
    await this.#workers
  }

  /** Sends queries at once. */
  async burst(queries: number): Promise<void> {
    await Promise.all(Array.from({ length: queries }, () => this.#query()))
  }

  /**
   * Does something while nobody waits for an answer: all connections are idle then, but those in transactions that last. Answers false,
   * having done nothing, if the workers don't come to rest in time.
   */
  async atRest(act: () => Promise<void>, withinMs: number = restsWithinMs): Promise<boolean> {
    this.#gate.close()
    try {
      const giveUpAt = Date.now() + withinMs
      // Who has just passed the gate is on the way.
      do await sleep(5)
      while (!this.#rests && Date.now() < giveUpAt)
      const rests = this.#rests
      if (rests) await act()
      return rests
    } finally {
      this.#gate.open()
    }
  }

  get #rests(): boolean {
    return this.#running === this.#lasting
  }

  async #workLong(): Promise<void> {
    while (!this.#over) {
      await this.#do('transaction', () => this.#transaction(longTransactionMs))
      await pause()
    }
  }

  async #workShort(worker: number): Promise<void> {
    const { prepared } = this.#statements
    for (let turn = worker; !this.#over; turn += 1) {
      if (turn % 3 === 0) await this.#query()
      if (turn % 3 === 1)
        await this.#do('prepared', async () => expectAnswer(await this.#pool.prepared(prepared, [turn]), turn + 1))
      if (turn % 3 === 2) await this.#do('transaction', () => this.#transaction(0))
      await pause()
    }
  }

  #query(): Promise<void> {
    return this.#do('query', async () => expectAnswer(await this.#pool.query(this.#statements.plain), 1))
  }

  async #do(what: string, run: () => Promise<void>): Promise<void> {
    await this.#gate.passed()
    this.#running += 1
    const startedAt = Date.now()
    const { phase } = this
    try {
      await withinPatience(run())
      this.work.answered += 1
      const tookMs = Date.now() - startedAt
      if (tookMs > (this.work.longest?.tookMs ?? 0)) this.work.longest = { what, phase, tookMs }
    } catch (error) {
      this.work.failures.push(failureOf(error, { what, phase, tookMs: Date.now() - startedAt }))
    } finally {
      this.#running -= 1
    }
  }

  async #last(ms: number): Promise<void> {
    this.#lasting += 1
    await sleep(ms)
    this.#lasting -= 1
  }

  async #transaction(lastsMs: number): Promise<void> {
    const { session, insert, count } = this.#statements
    const tag = randomUUID()
    let id: number | undefined
    try {
      await this.#pool.transaction(async send => {
        id = Number((await send(session))[0]?.answer)
        this.inTransaction.add(id)
        await send(insert, [tag])
        if (lastsMs > 0) await this.#last(lastsMs)
        await send(insert, [tag])
        expectAnswer(await send(count, [tag]), 2)
      })
    } catch (error) {
      if (id !== undefined) this.work.cutTransactions += 1
      throw error
    } finally {
      if (id !== undefined) this.inTransaction.delete(id)
    }
  }
}

function pause(): Promise<void> {
  return sleep(Math.random() * 2 * meanPauseMs)
}

function expectAnswer(rows: Rows, expected: number): void {
  const answer = Number(rows[0]?.answer)
  if (answer !== expected)
    throw Object.assign(new Error(`The answer is ${answer} and not ${expected}.`), { code: 'WRONG_ANSWER' })
}

async function withinPatience(run: Promise<void>): Promise<void> {
  const given = new AbortController()
  const late = sleep(patienceMs, undefined, { signal: given.signal }).then(() => {
    throw Object.assign(new Error('No answer has come.'), { code: 'NO_ANSWER' })
  })
  try {
    await Promise.race([run, late])
  } finally {
    given.abort()
    late.catch(() => {})
  }
}
