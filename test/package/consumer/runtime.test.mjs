import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SecretCache } from 'awscurrent'
import { liteSource } from 'awscurrent/lite'
import { createSnsHandler, verifySnsMessage } from 'awscurrent/sns'
import { describeSource, FakeSecretsManager, ManualClock } from 'awscurrent/testing'

// What may differ between runtimes: timers, HTTP, cryptography, certificates. Another file has the drivers.

const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' }

describe('a cache', () => {
  it('loads once for all readers, again after the TTL, and on a rotation event, which its channel tells of', async () => {
    const clock = new ManualClock()
    const fake = new FakeSecretsManager({ clock, secrets: { 'prod/db': { password: 'one' } } })
    const cache = new SecretCache({ source: fake.source(), clock, ttlMs: 60_000, staleWhileRevalidateMs: 0 })
    const heard = []
    const listener = message => heard.push(message.versionId)
    subscribe('awscurrent:rotated', listener)
    try {
      await Promise.all([cache.getSecret('prod/db'), cache.getSecretJson('prod/db')])
      assert.equal(fake.count(), 1)
      await clock.advance(60_001)
      await cache.getSecret('prod/db')
      assert.equal(fake.count(), 2)

      const [result] = await cache.handleRotationEvent(JSON.stringify(fake.rotate('prod/db')))
      assert.equal(result.outcome, 'refreshed')
      assert.deepEqual(heard, [cache.peek('prod/db').versionId])
    } finally {
      unsubscribe('awscurrent:rotated', listener)
      await cache.close()
    }
  })

  for (const [client, settings] of [
    [
      'a client of the AWS SDK',
      ({ endpoint, region }) => ({ client: new SecretsManagerClient({ endpoint, region, credentials }) }),
    ],
    ['the client that it makes itself', ({ region }) => ({ region })],
  ]) {
    it(`reads over HTTP by ${client}, is told what is not there, and ends a load at its deadline`, async () => {
      const fake = new FakeSecretsManager({ secrets: { 'prod/key': 'open sesame', slow: 'later' } })
      const { endpoint, close } = await fake.listen()
      Object.assign(process.env, environment(endpoint))
      const cache = new SecretCache({ ...settings({ endpoint, region: fake.region }), loadTimeoutMs: 1_000 })
      try {
        assert.equal(await cache.getSecretString('prod/key'), 'open sesame')
        await assert.rejects(cache.getSecret('missing'), { code: 'ERR_SECRET_NOT_FOUND' })
        fake.inject({ delayMs: 60_000, times: 1 })
        await assert.rejects(cache.getSecret('slow'), { code: 'ERR_SECRET_TIMEOUT' })
      } finally {
        await cache.close()
        await close()
      }
    })
  }
})

describeSource(
  { describe, it },
  {
    title: 'liteSource',
    async open() {
      const fake = new FakeSecretsManager()
      const server = await fake.listen()
      Object.assign(process.env, environment(server.endpoint))
      const source = liteSource({ region: fake.region })
      return {
        source,
        create: async (name, value) => fake.create(name, value),
        put: async (secretId, value) => fake.put(secretId, value),
        scheduleDeletion: async secretId => void fake.perform('DeleteSecret', { SecretId: secretId }),
        async close() {
          await source.close()
          await server.close()
        },
      }
    },
  },
)

describe('a message of SNS', () => {
  const { message, certificate, publishedAt } = JSON.parse(readFileSync(new URL('sns-message.json', import.meta.url), 'utf8'))
  const options = {
    topicArns: [message.TopicArn],
    clock: new ManualClock(publishedAt),
    fetchCertificate: async () => certificate,
  }
  const forged = { ...message, Message: `${message.Message} ` }

  it('verifies, and one that was changed does not', async () => {
    assert.equal((await verifySnsMessage(message, options)).Message, message.Message)
    await assert.rejects(verifySnsMessage(forged, options), { code: 'ERR_SNS_SIGNATURE' })
  })

  it('is answered by the webhook, over HTTP and by fetch', async () => {
    const cache = new SecretCache({ source: new FakeSecretsManager().source() })
    const handler = createSnsHandler(cache, options)
    const server = createServer(handler)
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${server.address().port}/`
    const post = body => ({ method: 'POST', body: JSON.stringify(body) })
    try {
      assert.equal((await fetch(url, post(message))).status, 200)
      assert.equal((await fetch(url, post(forged))).status, 403)
      assert.equal((await handler.fetch(new Request(url, post(message)))).status, 200)
      assert.equal((await handler.fetch(new Request(url, post(forged)))).status, 403)
    } finally {
      await new Promise(resolve => server.close(resolve))
      await cache.close()
    }
  })
})

/** What the client that the cache makes, and liteSource, read from the environment. */
function environment(endpoint) {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  }
}
