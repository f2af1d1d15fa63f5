import type { SecretCacheError } from '../../src/index.js'

/** What a promise rejects with; a promise that resolves is the test's failure. */
export async function rejectionOf(promise: Promise<unknown>): Promise<SecretCacheError> {
  try {
    await promise
  } catch (error) {
    return error as SecretCacheError
  }
  throw new Error('It resolved.')
}
