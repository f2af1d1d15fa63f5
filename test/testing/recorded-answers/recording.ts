import { readFileSync } from 'node:fs'
import type { FakeOperation } from '../../../src/testing/operations/table.js'

/** An operation that was recorded. */
export type Replayable = Exclude<FakeOperation, 'BatchGetSecretValue' | 'GetRandomPassword'>

/**
 * Calls in their order, and what the real service answered to them. Calls of operations that the fake does not have are left out.
 *
 * Ids that differ from time to time have names: `<v1>`, `<v2>`… are versions in the order of their making, `<arn>`, `<arn 2>`… the ARNs
 * of secrets, `<partial arn>` is the first without its suffix, `<function>` a rotation function, `<date>` a point in time. Bytes are
 * `base64:…`. Staging labels are sorted: in which order the service lists them was not recorded.
 */
export interface Recording {
  readonly title: string
  /** The project and the test that recorded it. */
  readonly source: string
  /** Whether a rotation function may be called; it removes AWSPENDING itself once AWSCURRENT has moved. */
  readonly rotates?: true
  /** What the rotation function is answered when it reads its AWSPENDING version at the beginning of a step. */
  readonly sees?: Readonly<Record<string, object>>
  readonly calls: readonly RecordedCall[]
}

export interface RecordedCall {
  readonly call: Replayable
  readonly with: Readonly<Record<string, unknown>>
  /** Sent without an SDK. */
  readonly over?: 'http'
  /** The whole answer. A call without any of these was made, but its answer was not recorded. */
  readonly answer?: object
  /** The members of the answer that were recorded. */
  readonly part?: object
  /** The name of the exception. */
  readonly error?: string
  readonly message?: string
}

/** What was recorded of a call, or undefined. */
export function recordedOf({ answer, part, error, message }: RecordedCall): object | undefined {
  return answer ?? part ?? (error === undefined ? undefined : { error, message })
}

export const recordings: readonly Recording[] = ['secrets', 'requests', 'labels', 'rotations'].flatMap(
  name => JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')) as Recording[],
)
