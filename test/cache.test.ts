import { expect, it } from 'vitest'
import { SecretCache, type SourceCacheOptions } from '../src/cache.js'
import { FakeSecretsManager } from '../src/testing/index.js'

it('reads from its source', async () => {
  const fake = new FakeSecretsManager({ secrets: { 'prod/key': 'one' } })
  const cache = new SecretCache({ source: fake.source(), ttlMs: 1_000 })
  expect(await cache.getSecretString('prod/key')).toBe('one')
  await cache.close()
})

it.each([undefined, {}, { region: 'eu-west-1' }, { client: new FakeSecretsManager().client() }])(
  'without a source it is a TypeError that says so: %j',
  options => {
    expect(() => new SecretCache(options as SourceCacheOptions)).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(/^source must be/) }),
    )
  },
)

it('checks its options as the other does', () => {
  const source = new FakeSecretsManager().source()
  expect(() => new SecretCache({ source, ttlMs: -1 })).toThrow(/ttlMs/)
})
