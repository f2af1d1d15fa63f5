import { batchCases } from './conformance/batch-cases.js'
import { edgeCases } from './conformance/edge-cases.js'
import type { SourceCase, SourceEnvironment } from './conformance/environment.js'
import { readCases } from './conformance/read-cases.js'

/** The two functions of a test runner that are needed; vitest, jest and node:test all have them. */
export interface SourceRunner {
  /** Groups tests under a title. */
  describe(title: string, body: () => void): unknown
  /** Adds a test, which fails if the promise rejects. */
  it(title: string, body: () => Promise<void>): unknown
}

/** How `describeSource` gets at a source. */
export interface DescribeSourceOptions {
  /** What the suite is called. @default 'a SecretSource' */
  title?: string | undefined
  /** Called for every test. Names are new each time, so that all may share one service. */
  open(): SourceEnvironment | Promise<SourceEnvironment>
}

/**
 * The conformance suite of `SecretSource`: what the cache relies on, as tests in your own runner.
 *
 * ```ts
 * import { describe, it } from 'vitest'
 * declare function startMine(): Promise<SourceEnvironment>
 * describeSource({ describe, it }, { title: 'my source', open: () => startMine() })
 * ```
 */
export function describeSource({ describe, it }: SourceRunner, { title = 'a SecretSource', open }: DescribeSourceOptions): void {
  describe(title, () => {
    for (const [name, check] of [...readCases, ...edgeCases, ...batchCases]) it(name, () => run(check, open))
  })
}

async function run(check: SourceCase[1], open: DescribeSourceOptions['open']): Promise<void> {
  const environment = await open()
  try {
    await check(environment)
  } finally {
    await environment.close?.()
  }
}
