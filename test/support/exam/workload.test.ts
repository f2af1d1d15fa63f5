import { describe, expect, it, vi } from 'vitest'
import { newSignal } from '../signal.js'
import type { ExamPool, Rows } from './contestant.js'
import { Workload } from './workload.js'

const statements = { plain: 'plain', prepared: 'prepared', session: 'session', insert: 'insert', count: 'count' }

/** A pool that answers rightly; a test changes what it is about. */
function stub(different: Partial<Record<keyof typeof statements, () => Rows>> = {}): ExamPool {
  let sessions = 0
  const answer = async (statement: string, [value]: readonly unknown[] = []): Promise<Rows> => {
    const own = different[statement as keyof typeof statements]
    if (own !== undefined) return own()
    if (statement === 'session') sessions += 1
    return [{ answer: { plain: 1, prepared: Number(value) + 1, session: sessions, count: 2 }[statement] }]
  }
  return { query: answer, prepared: answer, transaction: work => work(answer), close: async () => {} }
}

/** Lets the workers work for a moment. */
async function workWith(pool: ExamPool): Promise<Workload> {
  const workload = new Workload(pool, statements)
  await vi.waitFor(() => expect(workload.work.answered + workload.work.failures.length).toBeGreaterThan(40))
  await workload.stop()
  return workload
}

function refuse(): never {
  throw Object.assign(new Error('refused'), { code: '28P01' })
}

describe.concurrent('the workers of an exam', () => {
  it('have nothing to complain about when every answer is right', async () => {
    const { work } = await workWith(stub())
    expect(work).toMatchObject({ failures: [], cutTransactions: 0 })
  })

  it('take a transaction for cut that fails after it had begun', async () => {
    const { work } = await workWith(stub({ count: refuse }))
    expect(work.cutTransactions).toBeGreaterThan(0)
    expect(work.failures).toHaveLength(work.cutTransactions)
  })

  it('take a transaction that does not begin for a failure like any other', async () => {
    const { work } = await workWith(stub({ session: refuse }))
    expect(work.cutTransactions).toBe(0)
    expect(new Set(work.failures.map(({ code }) => code))).toEqual(new Set(['28P01']))
  })

  it.each(['plain', 'prepared', 'count'] as const)('notice a wrong answer (%s)', async statement => {
    const { work } = await workWith(stub({ [statement]: () => [{ answer: -1 }] }))
    expect(new Set(work.failures.map(({ code }) => code))).toEqual(new Set(['WRONG_ANSWER']))
  })

  it('rest while something is done', async () => {
    const workload = new Workload(stub(), statements)
    let [before, after] = [0, -1]
    const rested = await workload.atRest(async () => {
      before = workload.work.answered
      await new Promise(resolve => setImmediate(resolve))
      after = workload.work.answered
    })
    await workload.stop()
    expect([rested, after]).toEqual([true, before])
  })

  it('are not at rest while a transaction is under way that does not last', async () => {
    const [asked, answered] = [newSignal(), newSignal()]
    let sessions = 0
    const transaction: ExamPool['transaction'] = async work => {
      asked.happen()
      sessions += 1
      const session = sessions
      await work(async (statement: string) => {
        if (statement === 'insert') await answered.happened
        return [{ answer: { session, count: 2 }[statement] }]
      })
    }
    const workload = new Workload({ ...stub(), transaction }, statements)
    await asked.happened
    expect(await workload.atRest(async () => {}, 100)).toBe(false)
    answered.happen()
    await workload.stop()
  })

  it('say so when they do not come to rest', async () => {
    const [asked, answered] = [newSignal(), newSignal()]
    const query = async (): Promise<Rows> => {
      asked.happen()
      await answered.happened
      return [{ answer: 1 }]
    }
    const workload = new Workload({ ...stub(), query }, statements)
    await asked.happened
    expect(await workload.atRest(async () => {}, 1)).toBe(false)
    answered.happen()
    await workload.stop()
  })
})
