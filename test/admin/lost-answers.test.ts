import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSecret, putSecretValue } from '../../src/admin/index.js'
import { type RotatedEvent, SecretCache } from '../../src/index.js'
import { type FakeCommand, FakeSecretsManager, type FakeServer } from '../../src/testing/index.js'

const id = 'prod/key'

let fake: FakeSecretsManager
let server: FakeServer
let cache: SecretCache
let rotated: RotatedEvent[]
let closes: (() => unknown)[]

/** How the cache gets its client, and so who retries. */
const clients: [string, () => { client?: SecretsManagerClient; region?: string }][] = [
  ['the client that the cache made', () => ({ region: fake.region })],
  [
    'a client of the caller',
    () => {
      const client = new SecretsManagerClient({ region: fake.region })
      closes.push(() => client.destroy())
      return { client }
    },
  ],
]

function start(options: object): void {
  cache = new SecretCache(options)
  cache.on('rotated', event => rotated.push(event))
}

/** Loses the answer of the next call, and has others write before it is sent again. */
function loseAnswerOf(operation: 'CreateSecret' | 'PutSecretValue', secretId: string, ...others: string[]): void {
  fake.inject({ operation, answer: 'cut', times: 1 })
  const stop = fake.onEvent(() => {
    stop()
    queueMicrotask(() => {
      for (const value of others) fake.put(secretId, value)
    })
  })
}

beforeEach(async () => {
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' } })
  server = await fake.listen()
  rotated = []
  closes = []
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', server.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing')
})

afterEach(async () => {
  await cache.close()
  for (const close of closes) close()
  await server.close()
  vi.unstubAllEnvs()
})

describe.each(clients)('by %s, a write whose answer was lost', (_, optionsOf) => {
  beforeEach(() => start(optionsOf()))

  it.each([
    ['one other writer, so that it is the previous version', ['three'], ['AWSPREVIOUS']],
    ['two other writers, so that it has no label any more', ['three', 'four'], []],
  ])('and which was overtaken by %s, leaves readers with what is current', async (_others, others, labels) => {
    expect(await cache.getSecretString(id)).toBe('one')
    loseAnswerOf('PutSecretValue', id, ...others)
    const written = await putSecretValue(cache, id, 'two')
    expect(fake.count('PutSecretValue')).toBe(2)
    expect([written.text(), written.stale, written.versionStages]).toEqual(['two', true, labels])
    expect(await cache.getSecretString(id)).toBe(others.at(-1))
    expect(rotated.map(({ versionId }) => versionId)).toEqual([cache.peek(id)?.versionId])
  })

  it('and which was overtaken is told to those who follow the secret, though nobody reads it', async () => {
    const handle = cache.handle(id)
    await cache.getSecretString(id)
    const heard = new Promise(resolve => handle.on('rotated', resolve))
    loseAnswerOf('PutSecretValue', id, 'three')
    await putSecretValue(cache, id, 'two')
    await heard
    expect(cache.peek(id)?.text()).toBe('three')
  })

  it('and which nobody has overtaken is what readers are given, without a call', async () => {
    await cache.getSecretString(id)
    loseAnswerOf('PutSecretValue', id)
    await putSecretValue(cache, id, 'two')
    fake.resetCalls()
    expect([await cache.getSecretString(id), fake.count()]).toEqual(['two', 0])
  })

  it('and which made a secret that others have written since leaves readers with what is current', async () => {
    loseAnswerOf('CreateSecret', 'prod/new', 'second')
    expect((await createSecret(cache, 'prod/new', 'first')).text()).toBe('first')
    expect(fake.count('CreateSecret')).toBe(2)
    expect(await cache.getSecretString('prod/new')).toBe('second')
  })
})

it('a write that is repeated by a token of its own, and was overtaken, leaves readers with what is current', async () => {
  start({ region: fake.region })
  const clientRequestToken = '5f0c9e9c-6d3a-4a55-9a0e-3d2f8f6a1b77'
  const first = await putSecretValue(cache, id, 'two', { clientRequestToken })
  fake.put(id, 'three')
  const second = await putSecretValue(cache, id, 'two', { clientRequestToken })
  expect([first.versionId, second.versionId]).toEqual([clientRequestToken, clientRequestToken])
  expect(await cache.getSecretString(id)).toBe('three')
})

it('a secret that is made once more by the same token, and was written since, leaves readers with what is current', async () => {
  start({ region: fake.region })
  const clientRequestToken = '5f0c9e9c-6d3a-4a55-9a0e-3d2f8f6a1b77'
  await createSecret(cache, 'prod/new', 'first', { clientRequestToken })
  fake.put('prod/new', 'second')
  await createSecret(cache, 'prod/new', 'first', { clientRequestToken })
  expect(await cache.getSecretString('prod/new')).toBe('second')
})

it('an answer that does not say which labels a version has is not believed to make it current', async () => {
  const client = fake.client()
  start({
    client: {
      async send(command: FakeCommand) {
        const answer = await client.send(command)
        if (command.constructor.name !== 'PutSecretValueCommand') return answer
        fake.put(id, 'three')
        return { ...answer, VersionStages: undefined }
      },
    },
  })
  await cache.getSecretString(id)
  expect((await putSecretValue(cache, id, 'two')).versionStages).toEqual(['AWSCURRENT'])
  expect(await cache.getSecretString(id)).toBe('three')
})
