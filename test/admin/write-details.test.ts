import { getEventListeners } from 'node:events'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSecret, putSecretValue, rotateNow } from '../../src/admin/index.js'
import { loadSdk } from '../../src/core/loads/sdk.js'
import { SecretCache } from '../../src/index.js'
import { type FakeCommand, FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { arnOf } from '../support/deferred-client.js'
import { settled } from '../support/deferred-source.js'
import { losingClient } from '../support/losing-client.js'
import { rejectionOf } from '../support/rejection.js'
import { name, newScene } from './support.js'

let fake: FakeSecretsManager
let clock: ManualClock
let cache: SecretCache

// Its import takes time that no test spells out.
beforeAll(() => loadSdk())
beforeEach(() => {
  clock = new ManualClock()
  fake = new FakeSecretsManager({ secrets: { db: 'one' }, clock })
  cache = new SecretCache({ client: fake.client(), clock })
})
afterEach(async () => {
  await cache.close()
  vi.unstubAllEnvs()
})

/** A client, none of the SDK, that says how many attempts it has made. */
function reporting(attempts: number) {
  const client = fake.client()
  return { send: async (command: FakeCommand) => ({ ...(await client.send(command)), $metadata: { attempts } }) }
}

describe('a secret that is made', () => {
  it('by the first attempt of a client of the SDK is given to readers without a call', async () => {
    await using server = await fake.listen()
    const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' }
    const client = new SecretsManagerClient({ region: fake.region, endpoint: server.endpoint, credentials })
    await cache.getSecretString('db')
    await createSecret(cache, 'new', 'first', { client })
    fake.resetCalls()
    expect([await cache.getSecretString('new'), fake.count()]).toEqual(['first', 0])
    client.destroy()
  })

  it.each([
    ['one attempt, is given to readers without a call', 1, 0],
    ['two, may have been written since: the next read asks the service', 2, 1],
  ])('by a client of another make, after %s', async (_, attempts, reads) => {
    await cache.getSecretString('db')
    await createSecret(cache, 'new', 'first', { client: reporting(attempts) })
    await cache.idle()
    fake.resetCalls()
    expect(await cache.getSecretString('new')).toBe('first')
    await cache.idle()
    expect(cache.stats().loads).toBe(1 + reads)
  })

  it('again, of which nobody knows whether it was, is asked for by the next read', async () => {
    expect(await cache.getSecretString('db')).toBe('one')
    fake.perform('DeleteSecret', { SecretId: 'db', ForceDeleteWithoutRecovery: true })
    const error = await rejectionOf(createSecret(cache, 'db', 'two', { client: losingClient(fake.client()) }))
    expect(error.hint).toContain('may have been carried out')
    expect(await cache.getSecretString('db')).toBe('two')
  })
})

describe('writes of one secret', () => {
  it('wait for the one before them, also if a third comes when the first is over', async () => {
    const { client, cache: held } = newScene()
    const first = putSecretValue(held, name, 'v1')
    const second = putSecretValue(held, name, 'v2')
    await (await client.call(1)).answer('v1')
    await first
    await settled()
    const third = putSecretValue(held, name, 'v3')
    await settled()
    expect(client.sent).toHaveLength(2)
    await (await client.call(2)).answer('v2')
    await (await client.call(3)).answer('v3')
    expect((await Promise.all([second, third])).map(({ versionId }) => versionId)).toEqual(['v2', 'v3'])
  })

  it('leave nothing behind when they are over', async () => {
    const { signal } = new AbortController()
    const timers = clock.pending
    await Promise.all([putSecretValue(cache, 'db', 'two', { signal }), putSecretValue(cache, 'db', 'three', { signal })])
    await settled()
    expect((cache.inside() as { underWay: Map<string, unknown> }).underWay.size).toBe(0)
    expect([getEventListeners(signal, 'abort'), clock.pending]).toEqual([[], timers])
  })
})

it('a write without an answer says how long it was waited for', async () => {
  fake.inject({ operation: 'PutSecretValue', hang: true })
  const failed = rejectionOf(putSecretValue(cache, 'db', 'two'))
  await clock.advance(10_000)
  const { message } = await failed
  expect(message).toMatch(/^The secret db could not be written: No response within 10000 ms\. /)
})

it.each([
  ['createSecret', () => createSecret(cache, 'new', 'x', { stages: [] } as never)],
  ['putSecretValue', () => putSecretValue(cache, 'db', 'x', { stages: [] } as never)],
  ['rotateNow', () => rotateNow(cache, 'db', { stages: [] } as never)],
])('an option that %s does not know is told with its name', async (of, call) => {
  await expect(call()).rejects.toThrow(`Unknown option "stages" of ${of}.`)
})

describe('with allowed accounts', () => {
  const allowing = (options: object = {}) => {
    cache = new SecretCache({ client: fake.client(), clock, allowedAccounts: [fake.accountId], ...options })
    return cache
  }

  it('a secret whose account cannot be read was never written, and the error says so', async () => {
    fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException', message: 'No.' })
    const needed =
      'The role needs secretsmanager:PutSecretValue on the secret, and kms:GenerateDataKey and kms:Decrypt on a key of yours.'
    expect(await rejectionOf(putSecretValue(allowing(), 'db', 'two'))).toMatchObject({
      code: 'ERR_SECRET_ACCESS_DENIED',
      secretId: 'db',
      message: `The secret db could not be written: No. The request was never sent, so the secret is unchanged. ${needed}`,
    })
  })

  it('the same name by a client of another account is not taken for the one that the cache has read', async () => {
    const theirs = new FakeSecretsManager({ accountId: '999999999999', secrets: { db: 'theirs' } })
    expect(await allowing().getSecretString('db')).toBe('one')
    const written = putSecretValue(cache, 'db', 'two', { client: theirs.client() })
    await expect(written).rejects.toMatchObject({ code: 'ERR_SECRET_ACCOUNT' })
    expect([theirs.count('GetSecretValue'), theirs.count('PutSecretValue')]).toEqual([1, 0])
  })

  it('the read for the account ends when the write is given up', async () => {
    const abort = new AbortController()
    const signals: (AbortSignal | undefined)[] = []
    const client = {
      send(_: object, options?: { abortSignal?: AbortSignal }): Promise<never> {
        signals.push(options?.abortSignal)
        return new Promise(() => {})
      },
    }
    const failed = rejectionOf(putSecretValue(allowing(), 'db', 'two', { client, signal: abort.signal }))
    await settled()
    abort.abort(new Error('Nobody waits any more.'))
    await failed
    expect(signals.map(signal => signal?.aborted)).toEqual([true])
  })

  it('an answer from another account is an error, also of a version that no reader is given', async () => {
    const { client, cache: held } = newScene({ allowedAccounts: ['123456789012'] })
    const failed = rejectionOf(putSecretValue(held, name, 'v2', { versionStages: ['AWSPENDING'] }))
    await (await client.call(1)).answer('v1')
    await (await client.call(2)).answer('v2', { ARN: arnOf(name, '999999999999') })
    expect((await failed).code).toBe('ERR_SECRET_ACCOUNT')
  })
})
