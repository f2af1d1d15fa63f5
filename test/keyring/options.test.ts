import { expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createKeyring, type KeyringTextOptions } from '../../src/keyring/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'
import { keyNamed, ringed } from './ringed.js'

const cache = new SecretCache({ source: new FakeSecretsManager({ secrets: { keys: keyNamed('old') } }).source() })
const given = { cache, secretId: 'keys' }

it.each<[object, string]>([
  [{}, 'createKeyring needs cache and secretId.'],
  [{ secretId: 'keys' }, 'cache must be a SecretCache, but createKeyring got something else.'],
  [{ ...given, cache: new Map() }, 'cache must be a SecretCache, but createKeyring got something else.'],
  [{ ...given, key: 'key' }, 'key must be a function.'],
  [{ ...given, cooldownMs: -1 }, 'cooldownMs must be a finite number of milliseconds, 0 or more.'],
  [{ ...given, signAfterMs: Number.POSITIVE_INFINITY }, 'signAfterMs must be a finite number of milliseconds, 0 or more.'],
  [{ ...given, coolDownMs: 1 }, 'Unknown option "coolDownMs" of createKeyring. Did you mean "cooldownMs"?'],
])('rejects the options %o', async (options, message) => {
  const error = await rejectionOf(createKeyring(options as KeyringTextOptions))
  expect(error).toEqual(new TypeError(message))
})

it('rejects what is no secret id, as the cache does', async () => {
  expect(await rejectionOf(createKeyring({ cache, secretId: '' }))).toMatchObject({ code: 'ERR_SECRET_REQUEST' })
})

it('takes options that are undefined for options that are not given', async () => {
  using ring = await createKeyring({ ...given, key: undefined, cooldownMs: undefined, signAfterMs: undefined })
  expect(ring.keys).toEqual([keyNamed('old')])
})

it('rejects with ERR_SECRET_CACHE_CLOSED over a closed cache', async () => {
  const { cache } = await ringed()
  await cache.close()
  expect(await rejectionOf(createKeyring({ cache, secretId: 'keys' }))).toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
})

it('has no event but error', async () => {
  const { ring } = await ringed()
  expect(() => ring.on('rotated' as 'error', () => {})).toThrow(new TypeError('Unknown event "rotated". Known events: error.'))
})
