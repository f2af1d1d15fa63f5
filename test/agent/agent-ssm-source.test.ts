import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { agentSsmSource } from '../../src/agent/index.js'
import { SecretCache } from '../../src/index.js'
import { FakeParameterStore, FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'
import { startSecretsAgent } from '../support/secrets-agent.js'
import { throughPauses } from '../support/through-pauses.js'

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-west-1')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

async function extension() {
  const store = new FakeParameterStore({ parameters: { '/app/key': 'one' } })
  const agent = await startSecretsAgent(new FakeSecretsManager(), { kind: 'extension', store })
  const cache = new SecretCache({ source: agentSsmSource({ port: agent.port, token: agent.token }) })
  onTestFinished(async () => {
    await cache.close()
    await agent.close()
  })
  return { agent, cache, store }
}

it('the extension is asked by the documented path, decrypted, by version and by label', async () => {
  const { agent, cache, store } = await extension()
  store.put('/app/key', 'two')
  store.label('/app/key', ['blue'], { version: 1 })
  const secret = await cache.getSecret('/app/key')
  expect([secret.text(), secret.versionId, secret.createdDate]).toEqual(['two', '2', expect.any(Date)])
  expect(await cache.getSecretString('/app/key', { versionStage: 'blue' })).toBe('one')
  expect(await cache.getSecretString('/app/key', { versionStage: 'AWSPREVIOUS' })).toBe('one')
  const name = '/app/key'
  const withDecryption = 'true'
  expect(agent.requests.map(({ path, query }) => [path, query])).toEqual(
    [{}, { label: 'blue' }, {}, { version: '1' }].map(selector => [
      '/systemsmanager/parameters/get',
      { name, ...selector, withDecryption },
    ]),
  )
})

it('attempts that are repeated wait for their turns as reads do', async () => {
  const clock = new ManualClock()
  const store = new FakeParameterStore()
  const agent = await startSecretsAgent(new FakeSecretsManager(), { kind: 'extension', store })
  const source = agentSsmSource({ port: agent.port, token: agent.token, clock })
  onTestFinished(() => agent.close())
  agent.answers.push(...Array.from({ length: 300 }, () => ({ status: 400, body: 'an unexpected error occurred' })))
  const reads = Array.from({ length: 20 }, (_, n) =>
    rejectionOf(source.get({ secretId: `/app/p${n}` }, { signal: new AbortController().signal })),
  )
  await throughPauses(clock, Promise.all(reads), 50)
  // Ten at once and then one for each 50 ms.
  expect(agent.requests.length).toBe(200)
  expect(clock.elapsedMs()).toBeGreaterThanOrEqual((200 - 10) * 50)
})

it('a parameter by its ARN is that of its name', async () => {
  const { cache } = await extension()
  expect(await cache.getSecretString('arn:aws:ssm:eu-west-1:123456789012:parameter/app/key')).toBe('one')
  expect(await rejectionOf(cache.getSecretString('arn:aws:ssm:us-east-1:123456789012:parameter/app/key'))).toMatchObject({
    code: 'ERR_SECRET_REQUEST',
  })
})

it.each([
  ['ParameterNotFound', 'ERR_SECRET_NOT_FOUND'],
  ['AccessDeniedException', 'ERR_SECRET_ACCESS_DENIED'],
])('%s is %s', async (name, code) => {
  const { agent, cache } = await extension()
  const body = `operation error SSM: GetParameter, https response error StatusCode: 400, RequestID: x, api error ${name}: no`
  agent.answers.push({ status: 400, body })
  expect(await rejectionOf(cache.getSecretString('/app/key'))).toMatchObject({ code })
})

it('an answer without a parameter is one that cannot be read', async () => {
  const { agent, cache } = await extension()
  agent.answers.push(...Array.from({ length: 50 }, () => ({ status: 200, body: '{}' })))
  expect(await rejectionOf(cache.getSecretString('/app/key'))).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
})

it('options are checked', () => {
  expect(() => agentSsmSource({ refreshNow: true } as never)).toThrow('Unknown option "refreshNow" of agentSsmSource.')
})
