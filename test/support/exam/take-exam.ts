import type { Contestant } from './contestant.js'
import type { ExamServer } from './exam-server.js'
import type { Failure } from './failure.js'
import type { Scenario } from './scenarios.js'
import { type RotationReport, Sitting } from './sitting.js'

/** What came of an exam. */
export interface ExamResult {
  readonly contestant: string
  readonly scenario: Scenario
  /** Queries, prepared statements and transactions that were answered. */
  readonly answered: number
  readonly failures: readonly Failure[]
  readonly cutTransactions: number
  /** How many idle connections the server has ended on its own. */
  readonly killed: number
  readonly rotations: readonly RotationReport[]
}

/** How long an exam is. */
export interface ExamLength {
  /** No rotation but the first begins later. */
  durationMs: number
  /** How many rotations are spread over it, if each is over in time. @default 6 */
  rotations?: number
}

/** Has a contestant go through one scenario: workers use its pool while the real four steps rotate its user's password. */
export async function takeExam(
  contestant: Contestant,
  scenario: Scenario,
  server: ExamServer,
  { durationMs, rotations: mostRotations = 6 }: ExamLength,
): Promise<ExamResult> {
  const sitting = await Sitting.begin(contestant, scenario, server)
  const rotations: RotationReport[] = []
  const startedAt = Date.now()
  try {
    for (let turn = 0; turn < mostRotations; turn += 1) {
      if (turn > 0 && Date.now() > startedAt + durationMs) break
      await sitting.workUntil(startedAt + 500 + (turn * durationMs) / mostRotations)
      rotations.push(await sitting.rotate(turn + 1))
    }
  } finally {
    await sitting.end()
  }
  const { work, killed } = sitting
  return { contestant: contestant.name, scenario, ...work, killed, rotations }
}
