import { type LoginCase, type LoginSourceEnvironment, loginCases } from './conformance/login-cases.js'
import type { SourceRunner } from './describe-source.js'

/** The options of `describeLoginSource`. */
export interface DescribeLoginSourceOptions {
  /** The title of the suite. @default 'a LoginSource' */
  title?: string | undefined
  /** Creates the environment of one test. */
  open(): LoginSourceEnvironment | Promise<LoginSourceEnvironment>
}

/**
 * Runs the conformance suite of `LoginSource` in your own test runner: one test for each behavior that pools, clients and swaps rely on.
 * Use it to test a source of your own.
 *
 * ```ts
 * import { describe, it } from 'vitest'
 * declare function startMine(): Promise<LoginSourceEnvironment>
 * describeLoginSource({ describe, it }, { title: 'my source', open: () => startMine() })
 * ```
 */
export function describeLoginSource(
  { describe, it }: SourceRunner,
  { title = 'a LoginSource', open }: DescribeLoginSourceOptions,
): void {
  describe(title, () => {
    for (const [name, check] of loginCases) it(name, () => run(check, open))
  })
}

async function run(check: LoginCase[1], open: DescribeLoginSourceOptions['open']): Promise<void> {
  const environment = await open()
  try {
    await check(environment)
  } finally {
    await environment.close?.()
  }
}
