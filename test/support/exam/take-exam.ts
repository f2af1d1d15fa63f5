import type { Contestant } from './contestant.js'
import type { ExamServer } from './exam-server.js'
import type { Scenario } from './scenarios.js'
import { type RotationReport, Sitting } from './sitting.js'
import type { Work } from './workload.js'

/** What came of an exam. */
export interface ExamResult extends Readonly<Work> {
  readonly contestant: string
  readonly scenario: Scenario
  /** How many idle connections the server has ended on its own. */
  readonly killed: number
  /** Whether the user could not log in afterwards. */
  readonly isLocked: boolean
  readonly rotations: readonly RotationReport[]
}

/** How long an exam is. */
export interface ExamLength {
  /** No rotation but the first begins later. */
  durationMs: number
  /** How many rotations are spread over it, if each is over in time. @default 6 */
  rotations?: number
}

/** How many scenarios a contestant goes through at a time: most of it is waiting, but a machine that is busy makes everybody late. */
const sideBySide = 7

/** Has a contestant go through scenarios. Each result comes as soon as it is there. */
export function takeExams(
  contestant: Contestant,
  scenarios: readonly Scenario[],
  server: ExamServer,
  length: ExamLength,
): Map<Scenario, Promise<ExamResult>> {
  const results = new Map<Scenario, Promise<ExamResult>>()
  const begun: Promise<ExamResult>[] = []
  for (const [n, scenario] of scenarios.entries()) {
    const before = begun[n - sideBySide]
    const result = Promise.allSettled([before]).then(() => takeExam(contestant, scenario, server, length))
    begun.push(result)
    results.set(scenario, result)
  }
  void Promise.allSettled(begun)
  return results
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
  return { contestant: contestant.name, scenario, ...work, killed, isLocked: await sitting.isLocked(), rotations }
}
