import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { SecretCache } from '../../../src/index.js'

const sdk = '@aws-sdk/client-secrets-manager'

/** What each import of the SDK throws; the imports after these succeed. */
let faults: Error[]

async function freshCache(): Promise<SecretCache> {
  vi.resetModules()
  vi.doMock(sdk, () => {
    const fault = faults.shift()
    if (fault !== undefined) throw fault
    return { SecretsManagerClient: class {}, GetSecretValueCommand: class {} }
  })
  const { SecretCache: Fresh } = await import('../../../src/index.js')
  return new Fresh({ region: 'eu-west-1', loadTimeoutMs: 100 })
}

beforeEach(() => {
  faults = []
})

afterEach(() => {
  vi.doUnmock(sdk)
  vi.resetModules()
})

it('an SDK that failed half-way while it was loaded is not used afterwards: its reason is told each time', async () => {
  faults = [new Error('broken half-way')]
  const cache = await freshCache()
  const codes: unknown[] = []
  for (const id of ['prod/a', 'prod/b']) {
    const error = await cache.getSecretString(id).catch((thrown: unknown) => thrown)
    codes.push((error as { cause?: { message: string } }).cause?.message)
  }
  expect(codes[0]).toBe(codes[1])
  expect(String(codes[0])).not.toContain('send')
  expect(faults).toEqual([])
})
