import { createPrivateKey, createSecretKey, generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createKeyring, type ErrorEvent, type Keyring } from '../../src/keyring/index.js'
import { FakeSecretsManager, type FakeSecretValue } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { keyNamed, ringed } from './ringed.js'

const [old, fresh] = ['old', 'fresh'].map(keyNamed) as [string, string]

const cacheWith = (value: FakeSecretValue): SecretCache =>
  new SecretCache({ source: new FakeSecretsManager({ secrets: { keys: value } }).source() })

it('makes keys of any kind, once for each version', async () => {
  const fake = new FakeSecretsManager({ secrets: { keys: { key: old } } })
  await using cache = new SecretCache({ client: fake.client() })
  const made: string[] = []
  using ring = await createKeyring({
    cache,
    secretId: 'keys',
    key(secret) {
      made.push(secret.versionId)
      return createSecretKey(secret.json<{ key: string }>().key, 'utf8')
    },
  })
  const { kid, key } = ring.current
  expect(key.export().toString()).toBe(old)
  expect(await ring.jwtKey({ kid })).toBe(key)
  expect(ring.signer.unsign(ring.signer.sign('ann'))).toEqual({ valid: true, renew: false, value: 'ann' })
  await ring.find('forged')
  expect(made).toEqual([kid])
})

it('takes bytes, private keys and pairs', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  using ofBytes = await createKeyring({ cache: cacheWith(Buffer.alloc(32, 7)), secretId: 'keys', key: secret => secret.bytes() })
  expect(ofBytes.current.key).toEqual(Buffer.alloc(32, 7))
  using ofPem = await createKeyring({
    cache: cacheWith(pem),
    secretId: 'keys',
    key: secret => ({ privateKey: createPrivateKey(secret.text()) }),
  })
  expect(ofPem.current.key.privateKey.asymmetricKeyType).toBe('ec')
  expect(() => ofPem.signer.sign('ann')).toThrow(
    'The key of keys cannot sign a cookie. The option key must return text, bytes or a symmetric KeyObject.',
  )
})

it.each<[string, FakeSecretValue, ((text: string) => unknown) | undefined, string]>([
  ['a short text', 'hunter2', undefined, 'has 7 bytes. Use at least 32 random bytes: openssl rand -base64 48.'],
  ['short bytes', old, () => Buffer.alloc(31), 'has 31 bytes. Use at least 32 random bytes: openssl rand -base64 48.'],
  [
    'a short symmetric key',
    old,
    text => createSecretKey(text.slice(1), 'utf8'),
    'has 31 bytes. Use at least 32 random bytes: openssl rand -base64 48.',
  ],
  [
    'a binary secret without the option key',
    Buffer.alloc(32),
    undefined,
    'is binary. Pass the option key: secret => secret.bytes().',
  ],
  [
    'a promise',
    old,
    text => Promise.reject(new Error(text)),
    'is a promise. The option key must return the key itself: createSecretKey and createPrivateKey do.',
  ],
  ['nothing', old, () => undefined, 'is undefined. The option key must return the key.'],
  [
    'an error that quotes the secret',
    old,
    text => {
      throw new Error(text)
    },
    'could not be created. The option key has thrown an error.',
  ],
])('rejects %s, and says what to do', async (_, value, make, message) => {
  const options = { cache: cacheWith(value), secretId: 'keys' }
  const created: Promise<Keyring<unknown>> =
    make === undefined ? createKeyring(options) : createKeyring({ ...options, key: secret => make(secret.text()) })
  const error = await rejectionOf(created)
  expect([error.code, error.message]).toEqual(['ERR_SECRET_FORMAT', `The key of keys ${message}`])
  expect(inspect(error)).not.toContain(old)
})

it('passes on what the cache says of a secret that has not the form that the option key expects', async () => {
  const created = createKeyring({ cache: cacheWith(old), secretId: 'keys', key: secret => secret.json() })
  expect(await rejectionOf(created)).toMatchObject({ code: 'ERR_SECRET_FORMAT' })
})

it('continues with its keys if a new version has no usable one, reports it once, and takes the next', async () => {
  const { ring, fake, clock, cache, ids, rotate } = await ringed()
  const events: ErrorEvent[] = []
  ring.on('error', event => events.push(event))
  await cache.handleRotationEvent(fake.rotate('keys', 'too short'))
  await clock.advance(900_000)
  expect(ring.current).toEqual({ kid: ids.old, key: old })
  expect(ring.keys).toEqual([old, keyNamed('older')])
  expect(events.map(({ error, ...event }) => [event, error.message])).toEqual([
    [
      { type: 'error', secretId: 'keys', name: 'keys', arn: expect.stringMatching(/:keys-/), versionStage: 'AWSCURRENT' },
      'The key of keys has 9 bytes. Use at least 32 random bytes: openssl rand -base64 48.',
    ],
  ])
  const kid = await rotate('fresh')
  await settled()
  expect(ring.current).toEqual({ kid, key: fresh })
  expect(await ring.find(ids.old ?? '')).toBe(old)
})

it('finds a version after one that it could not use', async () => {
  const { ring, fake, cache, rotate } = await ringed()
  await cache.handleRotationEvent(fake.rotate('keys', 'too short'))
  expect(await ring.find(await rotate('fresh', { announced: false }))).toBe(fresh)
})

it('goes without an AWSPREVIOUS that has no usable key, and reports it to the first listener', async () => {
  const fake = new FakeSecretsManager({ secrets: { keys: 'too short' } })
  fake.put('keys', fresh)
  await using cache = new SecretCache({ client: fake.client() })
  using ring = await createKeyring({ cache, secretId: 'keys' })
  const stages: unknown[] = []
  const listening = ring.on('error', ({ versionStage }) => stages.push(versionStage))
  await settled()
  listening()
  expect([ring.keys, stages]).toEqual([[fresh], ['AWSPREVIOUS']])
})

it('shows no key, however it is printed', async () => {
  const { ring, rotate } = await ringed()
  await rotate('fresh')
  const parts = { ring, keys: ring.keys, passwords: ring.passwords, signer: ring.signer, current: ring.current }
  for (const part of [parts, ...Object.values(parts)]) {
    const printed = [
      inspect(part, { depth: 10, getters: true, showHidden: true }),
      inspect(part, { showProxy: true }),
      JSON.stringify(part),
      JSON.stringify([part]),
      String(part),
      part.toLocaleString?.(),
      `${JSON.stringify({ ...parts })}`,
    ]
    expect(printed.join()).not.toMatch(/old|fresh/)
  }
  expect(String(ring)).toBe("Keyring { secretId: 'keys' }")
  expect(inspect(ring.keys)).toBe("Keys { secretId: 'keys' }")
  expect(inspect(ring.passwords)).toBe("Passwords { secretId: 'keys' }")
  expect(JSON.stringify(ring.current)).toBe(`"Key { kid: '${ring.current.kid}' }"`)
})

it('signs text only, and takes no other for a signed cookie', async () => {
  const { ring } = await ringed()
  expect(() => ring.signer.sign(7 as unknown as string)).toThrow(new TypeError('sign takes the value of a cookie as text.'))
  const nothing = { valid: false, renew: false, value: null }
  expect([7, undefined, '', 'ann', 'ann.', '.', 'ann.AAAA'].map(value => ring.signer.unsign(value as string))).toEqual(
    Array.from({ length: 7 }, () => nothing),
  )
})
