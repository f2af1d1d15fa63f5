import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { liteSource } from '../../../src/lite/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { everythingVisibleIn } from '../../support/doors.js'
import { rejectionOf } from '../../support/rejection.js'

const region = 'eu-west-1'
const planted = 'planted-7d1f'

/** Nobody moves the clock: a cache that paused before another attempt would never reject. */
const caches: [string, () => SecretCache][] = [
  ['the SDK', () => new SecretCache({ region, clock: new ManualClock() })],
  ['liteSource', () => new SecretCache({ source: liteSource({ region }), clock: new ManualClock() })],
]

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing')
  for (const name of ['AWS_PROFILE', 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_SECRETS_MANAGER']) vi.stubEnv(name, undefined)
})

afterEach(() => {
  vi.unstubAllEnvs()
})

describe.each(caches)(
  'by %s, an endpoint that cannot be used is a mistake in the configuration, told at once by its variable',
  (_, make) => {
    it.each<[string, Record<string, string>]>([
      ['no URL', { AWS_ENDPOINT_URL: 'not a URL' }],
      ['without a host', { AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://' }],
      ['with a port that is none', { AWS_ENDPOINT_URL: `http://user:${planted}@localhost:99999` }],
      ['with credentials, and nothing behind them', { AWS_ENDPOINT_URL_SECRETS_MANAGER: `https://user:${planted}@` }],
      ['beside one that it excludes', { AWS_ENDPOINT_URL: `http://localhost/${planted}`, AWS_USE_FIPS_ENDPOINT: 'true' }],
    ])('%s', async (__, env) => {
      for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
      const cache = make()
      const errors: unknown[] = []
      cache.on('error', event => errors.push(event))
      const error = await rejectionOf(cache.getSecretString('prod/db'))
      expect(error).toMatchObject({ code: 'ERR_SECRET_CONFIG', hint: expect.stringContaining('AWS_ENDPOINT_URL') })
      expect(cache.stats()).toMatchObject({ loads: 1, failures: 1 })
      expect(everythingVisibleIn([error, errors])).not.toContain(planted)
      await cache.close()
    })
  },
)

it('liteSource names the very variable', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', 'localhost:4566')
  const error = await rejectionOf(new SecretCache({ source: liteSource({ region }) }).getSecretString('prod/db'))
  expect(error.message).toContain('AWS_ENDPOINT_URL_SECRETS_MANAGER cannot be used.')
})

it.each([
  ['is a directory', '/'],
  ['is looked for below a file', '/dev/null/token'],
  ['is not there', '/nowhere/token'],
])('a token file of a web identity that %s is a matter of credentials, with a hint at the file', async (_, file) => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', file)
  vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::111122223333:role/x')
  expect(await rejectionOf(new SecretCache({ region }).getSecretString('prod/db'))).toMatchObject({
    code: 'ERR_SECRET_CREDENTIALS',
    hint: expect.stringContaining('file of the token'),
  })
})
