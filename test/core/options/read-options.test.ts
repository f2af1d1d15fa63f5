import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/db'

let fake: FakeSecretsManager
let cache: SecretCache

beforeEach(() => {
  const clock = new ManualClock()
  fake = new FakeSecretsManager({ clock, secrets: { [id]: { username: 'app' }, bytes: Buffer.from([1]) } })
  cache = new SecretCache({ source: fake.source(), clock })
})

const freshness = 'How long a value is fresh is ttlMs of the cache, or of one secret in perSecret.'

const mistakes: [string, unknown][] = [
  [`Unknown option "maxAge" of a read. ${freshness}`, { maxAge: 60 }],
  ['Unknown option "~standard" of a read. A schema is the second argument of getSecretJson.', { '~standard': {} }],
  [`Unknown option "maxAge" of a read. ${freshness}`, { maxAge: 60, transform: 'json' }],
  ['Unknown option "forceFetch" of a read. To load whatever the TTL says, call refreshNow.', { forceFetch: true }],
  [
    'Unknown option "transform" of a read. To read JSON, call getSecretJson; to read bytes, getSecretBinary.',
    { transform: 'json' },
  ],
  ['Unknown option "schema" of a read. A schema is the second argument of getSecretJson.', { schema: {} }],
  ['Unknown option "stage" of a read. Known options: versionStage, versionId, signal.', { stage: 'AWSPREVIOUS' }],
  ['Unknown option "VersionStage" of a read. Did you mean "versionStage"?', { VersionStage: 'AWSPREVIOUS' }],
  ['Unknown option "versionID" of a read. Did you mean "versionId"?', { versionID: 'AWSPREVIOUS' }],
  ['versionStage must be a string that is not empty.', { versionStage: '' }],
  ['versionId must be a string that is not empty.', { versionId: null }],
  ['signal must be an AbortSignal.', { signal: new AbortController() }],
  ['a read takes a plain object of options.', new Map()],
]

const reads: [string, (options: never) => Promise<unknown>][] = [
  ['getSecret', options => cache.getSecret(id, options)],
  ['getSecretString', options => cache.getSecretString(id, options)],
  ['getSecretBinary', options => cache.getSecretBinary('bytes', options)],
  ['getSecretJson', options => cache.getSecretJson(id, undefined, options)],
]

describe.each(reads)('%s', (_, read) => {
  it.each(mistakes)('rejects, before anything is sent, with a TypeError: %s (%j)', async (message, options) => {
    await expect(read(options as never)).rejects.toThrow(new TypeError(message))
    expect(fake.count()).toBe(0)
  })

  it('rejects so with a fresh value at hand too', async () => {
    await read(undefined as never)
    await expect(read({ forceFetch: true } as never)).rejects.toThrow(TypeError)
  })

  it('takes options that are undefined', async () => {
    const options = { versionStage: undefined, versionId: undefined, signal: undefined }
    expect(await read(options as never)).toBeDefined()
  })
})

it.each<[string, unknown]>([
  [`Unknown option "maxAge" of peek. ${freshness}`, { maxAge: 60 }],
  ['Unknown option "signal" of peek. Known options: versionStage, versionId.', { signal: new AbortController().signal }],
  ['versionStage must be a string that is not empty.', { versionStage: 5 }],
  ['peek takes a plain object of options.', null],
])('peek throws a TypeError: %s (%j)', (message, options) => {
  expect(() => cache.peek(id, options as never)).toThrow(new TypeError(message))
})

it.each<[string, unknown]>([
  ['Unknown option "ifVersionId" of refreshNow. Did you mean "ifVersion"?', { ifVersionId: 'x' }],
  ['Unknown option "versionId" of refreshNow. Known options: ifVersion, versionStage, signal.', { versionId: 'x' }],
  ['ifVersion must be a string that is not empty.', { ifVersion: 5 }],
  ['refreshNow takes a plain object of options.', null],
])('refreshNow rejects with a TypeError: %s (%j)', async (message, options) => {
  await expect(cache.refreshNow(id, options as never)).rejects.toThrow(new TypeError(message))
  expect(fake.count()).toBe(0)
})

it.each<[string, unknown]>([
  ['Unknown option "schemas" of handle. Did you mean "schema"?', { schemas: {} }],
  ['handle takes a plain object of options.', null],
])('handle throws a TypeError: %s (%j)', (message, options) => {
  expect(() => cache.handle(id, options as never)).toThrow(new TypeError(message))
})
