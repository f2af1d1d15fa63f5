import { expect } from 'vitest'
import { isSecretCacheError } from '../../src/index.js'
import { everythingVisibleIn } from '../support/doors.js'

const halves = ['pl4nted!', 'S3cret!']

/** A value that no error may show. It could not be an id. */
export const planted: string = halves.join(' ')

/** What a TypeError says that a caller's mistake causes; of any other, the mistake is ours. */
const namesTheMistake =
  /^(\w+ must be|resolve takes|a read takes a plain object|refreshNow takes|peek takes|Unknown option .* of )/s

/** The code of an error of ours, `TypeError` for a caller's mistake. The error shows nothing of the planted value. */
export function codeOf(error: unknown): string {
  const visible = everythingVisibleIn(error)
  for (const half of halves) expect(visible).not.toContain(half)
  if (isSecretCacheError(error)) return error.code
  if (error instanceof TypeError && namesTheMistake.test(error.message)) return 'TypeError'
  throw new Error('The error has no code.', { cause: error })
}

/** Fails unless it is an error of ours. The kind of the outcome: `accepted`, or the code. */
export async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => 'accepted', codeOf)
}
