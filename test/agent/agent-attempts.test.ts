import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { agentSource } from '../../src/agent/index.js'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'
import { startScriptedServer } from '../support/scripted-server.js'
import { type RawAnswer, type SecretsAgent, startSecretsAgent } from '../support/secrets-agent.js'

const id = 'prod/db'
const patience = { interval: 1, timeout: 4_000 }

let clock: ManualClock
let agent: SecretsAgent
let cache: SecretCache

beforeEach(async () => {
  clock = new ManualClock()
  agent = await startSecretsAgent(new FakeSecretsManager({ secrets: { [id]: 'one' } }))
  cache = new SecretCache({ source: agentSource({ port: agent.port, token: 'the token', refreshNow: true, clock }), clock })
})

afterEach(async () => {
  await cache.close()
  await agent.close()
})

it('an attempt that hangs leaves half of the time to the next', async () => {
  agent.answers.push('hang')
  const reading = cache.getSecretString(id)
  await vi.waitFor(() => expect(agent.requests).toHaveLength(1), patience)
  await clock.advance(2_500)
  // A pause of at most 50 ms.
  await clock.advance(50)
  expect(await reading).toBe('one')
  expect(agent.requests).toHaveLength(2)
  expect(cache.stats()).toMatchObject({ loads: 1, failures: 0 })
})

it('attempts that all hang end with the deadline of the load', async () => {
  agent.answers.push(...Array<RawAnswer>(10).fill('hang'))
  const reading = rejectionOf(cache.getSecretString(id))
  await vi.waitFor(() => expect(agent.requests).toHaveLength(1), patience)
  await clock.advance(2_550)
  await vi.waitFor(() => expect(agent.requests).toHaveLength(2), patience)
  await clock.advance(2_450)
  expect(await reading).toMatchObject({ code: 'ERR_SECRET_TIMEOUT', message: expect.stringContaining('5000 ms') })
})

it('an agent that is slow is waited for', async () => {
  const waiting: ServerResponse[] = []
  const slow = await startScriptedServer((_, response) => waiting.push(response))
  const source = agentSource({ port: Number(new URL(slow.url).port), token: 'the token', clock })
  const reading = source.get({ secretId: id }, { signal: new AbortController().signal, timeLeftMs: 5_000 })
  await vi.waitFor(() => expect(waiting).toHaveLength(1), patience)
  await clock.advance(2_499)
  waiting[0]?.end(JSON.stringify({ ARN: 'a', Name: id, VersionId: 'v', SecretString: 'one' }))
  expect(await reading).toMatchObject({ string: 'one' })
  expect(slow.received).toHaveLength(1)
  await slow.close()
})

it('an attempt has a second, however little of the time is left', async () => {
  const source = agentSource({ port: agent.port, token: 'the token', clock })
  agent.answers.push('hang')
  const reading = source.get({ secretId: id }, { signal: new AbortController().signal, timeLeftMs: 1_200 })
  await vi.waitFor(() => expect(agent.requests).toHaveLength(1), patience)
  await clock.advance(999)
  expect(agent.requests).toHaveLength(1)
  await clock.advance(1)
  await clock.advance(50)
  expect(await reading).toMatchObject({ string: 'one' })
  expect(agent.requests).toHaveLength(2)
})
