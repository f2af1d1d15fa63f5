import { channel } from 'node:diagnostics_channel'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  DatabaseSecret,
  SecretCache,
  SecretCacheError,
  type SecretCacheEvent,
  type SecretSource,
  type SecretValue,
} from '../../../src/index.js'
import { type BrokenAnswer, FakeSecretsManager, type FakeServer } from '../../../src/testing/index.js'
import { everythingVisibleIn } from '../../support/doors.js'

const planted = 'planted-7d1f'
const id = 'prod/db'
const types = ['loaded', 'rotated', 'stale', 'error', 'evicted'] as const

/** Listens at every door of a cache. */
function spyOn(cache: SecretCache): { told: unknown[]; stop(): void } {
  const told: unknown[] = []
  const onMessage = (message: unknown): void => {
    told.push(message)
  }
  for (const type of types) {
    cache.on(type, (event: SecretCacheEvent) => told.push(event))
    channel(`awscurrent:${type}`).subscribe(onMessage)
  }
  const stop = (): void => {
    for (const type of types) channel(`awscurrent:${type}`).unsubscribe(onMessage)
  }
  return { told, stop }
}

/** Reads in every way there is, and keeps what the cache says when it fails. */
async function tryEverything(cache: SecretCache): Promise<unknown[]> {
  const ways = [
    () => cache.getSecretJson(id, DatabaseSecret),
    () => cache.getSecretJson(id, z.object({ username: z.literal('x'), password: z.string().max(1), port: z.number() })),
    () => cache.getSecretJson(id),
    () => cache.getSecretBinary(id),
    () => cache.refreshNow(id),
    () => cache.resolve(`{{resolve:secretsmanager:${id}:SecretString:missing}}`),
    () => cache.getSecretString(id, { versionStage: 'AWSPREVIOUS' }),
    () => cache.withSecret(id, () => Promise.reject(new Error('refused')), { isAuthError: () => true }),
  ]
  const said: unknown[] = []
  for (const way of ways) await way().catch(error => said.push(error))
  said.push(await cache.warmup([id, 'prod/other']), cache.stats(), cache, cache.peek(id), cache.handle(id))
  return said
}

let fake: FakeSecretsManager
let server: FakeServer
let client: SecretsManagerClient

beforeEach(async () => {
  fake = new FakeSecretsManager({ secrets: { [id]: { username: planted, password: planted } } })
  server = await fake.listen()
  const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' }
  client = new SecretsManagerClient({ endpoint: server.endpoint, region: fake.region, credentials, maxAttempts: 1 })
})

afterEach(async () => {
  client.destroy()
  await server.close()
})

describe('over HTTP through the real SDK, the value shows up nowhere', () => {
  it.each<[string, string | Uint8Array | object]>([
    ['JSON', { username: planted, password: planted }],
    ['broken JSON', `{"password": "${planted}`],
    ['text', planted],
    ['a JSON key', { [`${planted} ?`]: planted }],
    ['bytes', Buffer.from(planted)],
  ])('with a secret of %s', async (_, value) => {
    fake.rotate(id, value as object)
    const cache = new SecretCache({ client })
    const { told, stop } = spyOn(cache)
    const said = await tryEverything(cache)
    fake.rotate(id)
    await cache.refreshNow(id)
    stop()
    expect(told.length).toBeGreaterThan(1)
    expect(everythingVisibleIn([said, told])).not.toContain(planted)
  })

  it.each<BrokenAnswer>(['cut', 'echo', 'empty', 'html', 'huge', 'reset', 'truncated', 'wrong-types'])(
    'with answers broken by %s',
    async answer => {
      const cache = new SecretCache({ client, loadTimeoutMs: 1_000, backoff: { initialMs: 1 } })
      const { told, stop } = spyOn(cache)
      fake.inject({ answer })
      const said = await tryEverything(cache)
      stop()
      expect(said.length).toBeGreaterThan(5)
      expect(everythingVisibleIn([said, told])).not.toContain(planted)
    },
  )
})

describe('whatever a source throws or answers, it shows up nowhere', () => {
  const thrown: [string, unknown][] = [
    ['a message', new Error(planted)],
    ['a text', planted],
    ['a name', Object.assign(new Error('x'), { name: planted })],
    ['a code', Object.assign(new Error('x'), { code: planted, errno: planted })],
    ['a cause', new Error('x', { cause: Object.assign(new Error(planted), { code: planted }) })],
    ['many causes', new AggregateError([new Error(planted)], planted)],
    ['fields', Object.assign(new Error('x'), { SecretString: planted, $response: { body: planted, statusCode: planted } })],
    ['metadata', Object.assign(new Error('x'), { $metadata: { requestId: planted, httpStatusCode: planted, cfId: planted } })],
    ['an error of ours', new SecretCacheError({ code: 'ERR_SECRET_UNAVAILABLE', message: planted, cause: new Error(planted) })],
    [
      'a syntax error',
      (() => {
        try {
          return JSON.parse(planted)
        } catch (error) {
          return error
        }
      })(),
    ],
    [
      'an object that throws when it is looked at',
      {
        get name() {
          throw new Error(planted)
        },
      },
    ],
  ]

  it.each(thrown)('in %s', async (_, error) => {
    const source: SecretSource = { get: () => Promise.reject(error), getMany: () => Promise.reject(error) }
    const cache = new SecretCache({ source })
    const { told, stop } = spyOn(cache)
    const said = await tryEverything(cache)
    stop()
    expect(told.length).toBeGreaterThan(0)
    expect(everythingVisibleIn([said, told])).not.toContain(planted)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['text', planted],
    ['another shape', { value: planted }],
    ['a value that is neither text nor bytes', { arn: 'a', name: 'n', versionId: 'v', versionStages: [], string: [planted] }],
    ['labels of another type', { arn: 'a', name: 'n', versionId: 'v', versionStages: [{ planted }], string: planted }],
  ])('in an answer that is %s', async (_, answer) => {
    const cache = new SecretCache({ source: { get: async () => answer as SecretValue } })
    const { told, stop } = spyOn(cache)
    const said = await tryEverything(cache)
    stop()
    expect(everythingVisibleIn([said, told])).not.toContain(planted)
    await expect(cache.getSecretString(id)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  })
})

it('the walk through the doors finds what is there', () => {
  expect(everythingVisibleIn(new Error('x', { cause: { deep: [planted] } }))).toContain(planted)
  expect(everythingVisibleIn(Object.defineProperty({}, 'hidden', { value: planted }))).toContain(planted)
})
