import { beforeAll, describe, expect, it } from 'vitest'
import { useServer } from '../use-server.js'
import type { Contestant } from './contestant.js'
import type { ExamServer } from './exam-server.js'
import { countByCode, describeFailures } from './failure.js'
import { shortcomings } from './goals.js'
import { scenarios as all, type Scenario } from './scenarios.js'
import { rowOf, tableOf } from './table.js'
import { type ExamResult, takeExam, takeExams } from './take-exam.js'

/** Who takes the exam on a server. */
export interface Candidates {
  /** Those who must pass. */
  followers: readonly { contestant: Contestant; durationMs: number }[]
  /** Those who do not hear of rotations: who must fail, and be seen to. */
  unaware?: readonly Contestant[]
  /** The code of what they fail with. */
  refusal?: string
  /** @default all */
  scenarios?: readonly Scenario[]
}

/** Examines pools on a server. */
export function describeExam(
  start: () => Promise<ExamServer>,
  { followers, unaware = [], refusal = '', scenarios = all }: Candidates,
): void {
  const used = useServer(start)

  describe.each(followers)('$contestant.name', ({ contestant, durationMs }) => {
    let results: Map<Scenario, Promise<ExamResult>>
    beforeAll(() => {
      results = takeExams(contestant, scenarios, used.server, { durationMs })
    })
    it.each(scenarios)('fails no query, cuts no transaction and moves over in time ($name)', async scenario => {
      const result = await results.get(scenario)!
      expect(shortcomings(result), `${tableOf([rowOf(result)])}\n${describeFailures(result.failures)}`).toEqual([])
    })
  })

  describe.concurrent.each(unaware)('$name', contestant => {
    const examine = (name: string): Promise<ExamResult> =>
      takeExam(contestant, all.find(scenario => scenario.name === name)!, used.server, { durationMs: 0 })

    it('fails once its only user has another password', async () => {
      const result = await examine('one user, unannounced')
      expect(countByCode(result.failures)).toContain(`${refusal} ×`)
      expect(result.rotations).toMatchObject([{ refused: expect.toSatisfy((refused: number) => refused > 0) }])
    })

    it('stays with the first of two users', async () => {
      const result = await examine('two users, announced')
      expect(result.failures).toEqual([])
      expect(result.rotations[0]?.lateConnections).toBeGreaterThan(0)
      expect(shortcomings(result)).toHaveLength(1)
    })
  })
}
