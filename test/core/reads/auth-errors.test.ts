import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/api-key'
const original = Object.assign(new Error('The API answered 503.'), { status: 503 })

let fake: FakeSecretsManager
let cache: SecretCache

beforeEach(() => {
  const clock = new ManualClock()
  fake = new FakeSecretsManager({ clock, secrets: { [id]: 'one' } })
  cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
})

describe('an isAuthError of withSecret that fails', () => {
  it.each<[string, () => boolean]>([
    [
      'by throwing',
      () => {
        throw new TypeError("Cannot read properties of undefined (reading 'status')")
      },
    ],
    [
      'by throwing what is no error',
      () => {
        throw undefined
      },
    ],
  ])('%s does not hide what use threw', async (_, isAuthError) => {
    let uses = 0
    const used = cache.withSecret(
      id,
      () => {
        uses += 1
        throw original
      },
      { isAuthError },
    )
    await expect(used).rejects.toBe(original)
    expect(uses).toBe(1)
  })
})
