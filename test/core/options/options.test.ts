import { expect, it } from 'vitest'
import { aClient, aClock, aDuration, aFlag, aFunction, checkOptions } from '../../../src/core/options/check-options.js'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const duration = 'must be a number of milliseconds, 0 or more.'
const finiteDuration = 'must be a finite number of milliseconds, 0 or more.'
const positiveDuration = 'must be a finite number of milliseconds above 0.'
const jitter = 'ttlJitter must be a number from 0 to 1.'
const entries = 'maxEntries must be a whole number from 1 to 1,000,000.'
const accounts = 'allowedAccounts must be a list of account numbers, each a string of 12 digits.'
const clock = 'clock must be an object with a now method and, if it wants, a setTimeout method.'
const client = 'client must be a SecretsManagerClient of the AWS SDK v3, or anything with a send method.'
const source = 'source must be a SecretSource: an object with a get method.'

const mistakes: [string, unknown][] = [
  ['Unknown option ttl. There are: ttlMs, ttlJitter, ', { ttl: 5 }],
  ['Unknown option toString.', { toString: 5 }],
  [`ttlMs ${duration}`, { ttlMs: '5' }],
  [`ttlMs ${duration}`, { ttlMs: -1 }],
  [`ttlMs ${duration}`, { ttlMs: Number.NaN }],
  [jitter, { ttlJitter: 1.1 }],
  [jitter, { ttlJitter: -0.1 }],
  [jitter, { ttlJitter: '0.5' }],
  [`staleIfErrorMs ${duration}`, { staleIfErrorMs: null }],
  [`loadTimeoutMs ${positiveDuration}`, { loadTimeoutMs: 0 }],
  [`loadTimeoutMs ${positiveDuration}`, { loadTimeoutMs: Infinity }],
  ['backoff must be an object such as { initialMs, factor, maxMs }.', { backoff: 5 }],
  ['backoff must be an object such as { initialMs, factor, maxMs }.', { backoff: [5] }],
  ['Unknown option backoff.initial. There are: initialMs, factor, maxMs.', { backoff: { initial: 5 } }],
  [`backoff.initialMs ${positiveDuration}`, { backoff: { initialMs: 0 } }],
  ['backoff.factor must be a finite number of at least 1.', { backoff: { factor: 0.5 } }],
  ['backoff.factor must be a finite number of at least 1.', { backoff: { factor: Infinity } }],
  [entries, { maxEntries: 0 }],
  [entries, { maxEntries: 1.5 }],
  [entries, { maxEntries: 1_000_001 }],
  [entries, { maxEntries: '5' }],
  ['perSecret must be an object of settings by secret id.', { perSecret: [] }],
  ["perSecret['a'] must be an object of settings.", { perSecret: { a: 5 } }],
  ["Unknown option perSecret['a'].maxEntries.", { perSecret: { a: { maxEntries: 5 } } }],
  [`perSecret['a'].ttlMs ${duration}`, { perSecret: { a: { ttlMs: -5 } } }],
  ["perSecret['a'].backoff.factor must be a finite number of at least 1.", { perSecret: { a: { backoff: { factor: 0 } } } }],
  ["perSecret['arn:x'] is not for a secret: arn:x is not the ARN of a secret.", { perSecret: { 'arn:x': {} } }],
  ['versionStage must be a string that is not empty.', { versionStage: '' }],
  ['versionStage must be a string that is not empty.', { versionStage: 5 }],
  ['region must be a string that is not empty.', { region: ['eu-west-1'] }],
  [accounts, { allowedAccounts: [123456789012] }],
  [accounts, { allowedAccounts: ['1234567890123'] }],
  [accounts, { allowedAccounts: ['123456789012', 'x123456789012'] }],
  [accounts, { allowedAccounts: [] }],
  [accounts, { allowedAccounts: '123456789012' }],
  [`refreshSpreadMs ${finiteDuration}`, { refreshSpreadMs: Infinity }],
  [`refreshSpreadMs ${finiteDuration}`, { refreshSpreadMs: -1 }],
  [`refreshSpreadMs ${finiteDuration}`, { refreshSpreadMs: '5' }],
  ['matchReplicas must be true or false.', { matchReplicas: 'yes' }],
  [clock, { clock: {} }],
  [clock, { clock: { now: Date.now, setTimeout: 5 } }],
  [client, { client: {} }],
  [client, { client: null }],
  [source, { source: () => 'secret' }],
  [source, { source: 'secret' }],
  ['Pass one of region and source, not both', { region: 'eu-west-1', source: { get: () => undefined } }],
  ['SecretCache takes an object of options, not string.', 'eu-west-1'],
  ['SecretCache takes an object of options, not null.', null],
]

it.each(mistakes)('a mistake is a TypeError that says: %s (%j)', (message, options) => {
  expect(() => new SecretCache(options as SecretCacheOptions)).toThrow(
    expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(message) }),
  )
})

it.each<SecretCacheOptions>([
  { ttlMs: 0, staleIfErrorMs: Infinity, refreshSpreadMs: 0 },
  { ttlMs: undefined as never },
  { ttlJitter: 0 },
  { ttlJitter: 1 },
  { backoff: { factor: 1 } },
  { maxEntries: 1 },
  { maxEntries: 1_000_000 },
  { matchReplicas: true },
  { source: Object.assign(() => undefined, { get: () => new Promise<never>(() => {}) }) },
])('what is at the edge of the right is taken: %j', options => {
  expect(new SecretCache(options)).toBeInstanceOf(SecretCache)
})

const rules = { flag: aFlag, call: aFunction, durationMs: aDuration, client: aClient, clock: aClock }

it.each<[string, unknown]>([
  ['thing takes an object of options.', null],
  ['thing takes an object of options.', 'flag'],
  ['Unknown option flags of thing. There are: flag, call, durationMs, client, clock.', { flags: true }],
  ['Unknown option toString of thing.', { toString: 5 }],
  ['flag must be true or false.', { flag: 'yes' }],
  ['call must be a function.', { call: 'me' }],
  ['durationMs must be a number of milliseconds above 0.', { durationMs: 0 }],
  ['durationMs must be a number of milliseconds above 0.', { durationMs: '5' }],
  ['durationMs must be a number of milliseconds above 0.', { durationMs: Number.NaN }],
  ['client must be a client of the AWS SDK v3, or anything with a send method.', { client: {} }],
  [clock, { clock: null }],
  [clock, { clock: { now: Date.now, setTimeout: 'later' } }],
])('a mistake in what else takes options is a TypeError that says: %s (%j)', (message, options) => {
  expect(() => checkOptions('thing', options, rules)).toThrow(
    expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(message) }),
  )
})

it('an option that is undefined is left out', () => {
  expect(checkOptions('thing', { flag: undefined, client: Object.assign(() => {}, { send: () => {} }) }, rules)).toBeUndefined()
})

it('leaves the options of the caller alone, and is left alone by later changes of them', async () => {
  const id = 'prod/key'
  const time = new ManualClock()
  const perSecret = { [id]: { ttlMs: 1_000 } }
  const options = Object.freeze({ ttlMs: 5_000, perSecret })
  const fake = new FakeSecretsManager({ clock: time, secrets: { [id]: 'one' } })
  const cache = new SecretCache({ source: fake.source(), clock: time, ttlJitter: 0, ...options })
  perSecret[id] = { ttlMs: 9_000 }
  await cache.getSecretString(id)
  await time.advance(1_000)
  expect(cache.peek(id)?.stale).toBe(true)
})
