import { batchCases } from './conformance/batch-cases.js'
import { edgeCases } from './conformance/edge-cases.js'
import type { SourceCase, SourceEnvironment } from './conformance/environment.js'
import { readCases } from './conformance/read-cases.js'

/** The two functions of a test runner that `describeSource` needs; vitest, jest and node:test all have them. */
export interface SourceRunner {
  /** Groups tests under a title. */
  describe(title: string, body: () => void): unknown
  /** Adds a test, which fails if the promise rejects. */
  it(title: string, body: () => Promise<void>): unknown
}

/** The options of `describeSource`. */
export interface DescribeSourceOptions {
  /** The title of the suite. @default 'a SecretSource' */
  title?: string | undefined
  /** Creates the environment of one test. The names of secrets are new in each test, so all tests may share one service. */
  open(): SourceEnvironment | Promise<SourceEnvironment>
}

/**
 * Runs the conformance suite of `SecretSource` in your own test runner: one test for each behavior that the cache relies on. Use it to test
 * a source of your own.
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
