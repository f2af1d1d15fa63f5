import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { aClient, aClock, aDuration, aFlag, aFunction, checkOptions, oneOf } from '../../../src/core/options/check-options.js'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const duration = 'must be a number of milliseconds, 0 or more.'
const finiteDuration = 'must be a finite number of milliseconds, 0 or more.'
const positiveDuration = 'must be a finite number of milliseconds above 0.'
const jitter = 'ttlJitter must be a number from 0 to 1.'
const entries = 'maxEntries must be a whole number from 1 to 1,000,000.'
const accounts = 'allowedAccounts must be a list of account numbers, each a string of 12 digits.'
const clock = 'clock must be an object with a now method.'
const client = 'client must be a SecretsManagerClient of the AWS SDK v3, or anything with a send method.'
const source = 'source must be a SecretSource: an object with a get method, and with getMany and close if it has them.'

const mistakes: [string | RegExp, unknown][] = [
  ['Unknown option "ttl" of SecretCache. Did you mean "ttlMs"?', { ttl: 5 }],
  ['Unknown option "TTLms" of SecretCache. Did you mean "ttlMs"?', { TTLms: 5 }],
  ['Unknown option "staleWhileRevalidate" of SecretCache. Did you mean "staleWhileRevalidateMs"?', { staleWhileRevalidate: 5 }],
  ['Unknown option "maxEntrys" of SecretCache. Did you mean "maxEntries"?', { maxEntrys: 5 }],
  ['Unknown option "maxAge" of SecretCache. Did you mean "ttlMs"?', { maxAge: 5 }],
  [
    'Unknown option "endpoint" of SecretCache. Pass { client }, a SecretsManagerClient with that option.',
    { endpoint: 'http://x' },
  ],
  ['Unknown option "regionOfTheSecret" of SecretCache. Did you mean "region"?', { regionOfTheSecret: 'eu-west-1' }],
  [/^Unknown option "tt" of SecretCache\.$/, { tt: 5 }],
  [/^Unknown option "colour" of SecretCache\.$/, { colour: 5 }],
  [/^Unknown option "toString" of SecretCache\.$/, { toString: 5 }],
  [/^Unknown option "x{100000}" of SecretCache\.$/, { ['x'.repeat(100_000)]: 5 }],
  [`ttlMs ${duration}`, { ttlMs: '5' }],
  [`ttlMs ${duration}`, { ttlMs: -1 }],
  [`ttlMs ${duration}`, { ttlMs: Number.NaN }],
  [jitter, { ttlJitter: 1.1 }],
  [jitter, { ttlJitter: -0.1 }],
  [jitter, { ttlJitter: '0.5' }],
  [`staleIfErrorMs ${duration}`, { staleIfErrorMs: null }],
  [`loadTimeoutMs ${positiveDuration}`, { loadTimeoutMs: 0 }],
  [`loadTimeoutMs ${positiveDuration}`, { loadTimeoutMs: Infinity }],
  [`loadTimeoutMs ${positiveDuration}`, { loadTimeoutMs: '5' }],
  ['backoff must be a plain object.', { backoff: 5 }],
  ['backoff must be a plain object.', { backoff: [5] }],
  ['backoff must be a plain object.', { backoff: new Date() }],
  ['Unknown option "backoff.initial" of SecretCache. Did you mean "backoff.initialMs"?', { backoff: { initial: 5 } }],
  ['Unknown option "backoff.pause" of SecretCache. Known options: initialMs, factor, maxMs.', { backoff: { pause: 5 } }],
  [`backoff.initialMs ${positiveDuration}`, { backoff: { initialMs: 0 } }],
  ['backoff.factor must be a finite number of at least 1.', { backoff: { factor: 0.5 } }],
  ['backoff.factor must be a finite number of at least 1.', { backoff: { factor: Infinity } }],
  ['backoff.factor must be a finite number of at least 1.', { backoff: { factor: '2' } }],
  [entries, { maxEntries: 0 }],
  [entries, { maxEntries: 1.5 }],
  [entries, { maxEntries: 1_000_001 }],
  [entries, { maxEntries: '5' }],
  ['perSecret must be a plain object of settings by secret id.', { perSecret: [] }],
  ['perSecret must be a plain object of settings by secret id.', { perSecret: new Map([['a', { ttlMs: 5 }]]) }],
  ['perSecret must be a plain object of settings by secret id.', { perSecret: Object.create(Object.create(null)) }],
  ["perSecret['a'] must be a plain object.", { perSecret: { a: 5 } }],
  [
    "perSecret['a'] must be a plain object.",
    {
      perSecret: {
        a: new (class Settings {
          hasOwnProperty() {}
        })(),
      },
    },
  ],
  ["perSecret['a'] must be a plain object.", { perSecret: { a: new Map([['ttlMs', 5]]) } }],
  ["perSecret['a'].backoff must be a plain object.", { perSecret: { a: { backoff: new Date() } } }],
  [`Unknown option "perSecret['a'].maxEntries" of SecretCache.`, { perSecret: { a: { maxEntries: 5 } } }],
  ['staleIfErrorMs must be at least staleWhileRevalidateMs, which is 60000 ms here.', { staleIfErrorMs: 0 }],
  ['staleIfErrorMs must be at least', { staleIfErrorMs: 5_000, staleWhileRevalidateMs: 5_001 }],
  ["perSecret['a'].staleIfErrorMs must be at least", { perSecret: { a: { staleIfErrorMs: 59_999 } } }],
  [
    "perSecret['a'].staleIfErrorMs must be at least",
    { staleIfErrorMs: 60_000, perSecret: { a: { staleWhileRevalidateMs: 60_001 } } },
  ],
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
  [source, { source: { get: () => undefined, getMany: 'all' } }],
  [source, { source: { get: () => undefined, close: true } }],
  ['Pass one of region and source, not both', { region: 'eu-west-1', source: { get: () => undefined } }],
  ...['eu-west-1', null, [], new Map(), new Date(), new (class Options {})()].map((options): [string, unknown] => [
    'SecretCache takes a plain object of options.',
    options,
  ]),
]

it.each(mistakes)('a mistake is a TypeError that says: %s (%j)', (message, options) => {
  expect(() => new SecretCache(options as SecretCacheOptions)).toThrow(
    expect.objectContaining({
      name: 'TypeError',
      message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
    }),
  )
})

it.each<SecretCacheOptions>([
  { ttlMs: 0, staleIfErrorMs: Infinity, refreshSpreadMs: 0 },
  { staleIfErrorMs: 0, staleWhileRevalidateMs: 0 },
  { staleWhileRevalidateMs: 7 * 86_400_000 },
  { perSecret: { a: { staleWhileRevalidateMs: Infinity }, b: undefined } },
  Object.assign(Object.create(null), { ttlMs: 5 }),
  runInNewContext('({ backoff: { factor: 3 }, perSecret: { a: {} } })'),
  { ttlMs: undefined, backoff: undefined, perSecret: undefined, clock: undefined, region: undefined, allowedAccounts: undefined },
  { ttlJitter: 0 },
  { ttlJitter: 1 },
  { backoff: { factor: 1 } },
  { maxEntries: 1 },
  { maxEntries: 1_000_000 },
  { matchReplicas: true },
  { allowedAccounts: ['123456789012', '999999999999'] },
  { source: { get: () => new Promise<never>(() => {}), getMany: () => new Promise<never>(() => {}), close: async () => {} } },
  { clock: { now: Date.now } },
  { source: Object.assign(() => undefined, { get: () => new Promise<never>(() => {}) }) },
])('what is at the edge of the right is taken: %j', options => {
  expect(new SecretCache(options)).toBeInstanceOf(SecretCache)
})

const rules = { flag: aFlag, call: aFunction, durationMs: aDuration, client: aClient, clock: aClock }

it.each<[string, unknown]>([
  ['thing takes a plain object of options.', null],
  ['thing takes a plain object of options.', 'flag'],
  ['thing takes a plain object of options.', new Map()],
  ['Unknown option "flags" of thing. Did you mean "flag"?', { flags: true }],
  ['Unknown option "shape" of thing. Known options: flag, call, durationMs, client, clock.', { shape: true }],
  ['Unknown option "toString" of thing.', { toString: 5 }],
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

it('of two names that go on where an option ends, the one that is nearer is suggested', () => {
  expect(() => checkOptions('thing', { callb: 5 }, { callback: aFunction, call: aFunction })).toThrow('Did you mean "call"?')
})

it.each([
  [6, 'Unknown option "shape" of thing. Known options: b1, b2, b3, b4, b5, b6.'],
  [7, 'Unknown option "shape" of thing.'],
])('of %d options, all are listed if they are read at a glance', (count, message) => {
  const known = Object.fromEntries(Array.from({ length: count }, (_, index) => [`b${index + 1}`, aFlag]))
  expect(() => checkOptions('thing', { shape: 5 }, known)).toThrow(new TypeError(message))
})

it('one of a few values says which, and takes each of them', () => {
  const stages = { stage: oneOf('pending', 'current') }
  expect(() => checkOptions('thing', { stage: 'old' }, stages)).toThrow(
    new TypeError("stage must be one of 'pending', 'current'."),
  )
  for (const stage of ['pending', 'current']) expect(checkOptions('thing', { stage }, stages)).toBeUndefined()
})

it('options that are right are taken', () => {
  const right = { flag: false, call: () => {}, durationMs: 1, client: { send: () => {} }, clock: { now: Date.now, setTimeout } }
  expect(checkOptions('thing', right, rules)).toBeUndefined()
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
