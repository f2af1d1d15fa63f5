import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { agentSource } from '../../src/agent/index.js'
import { SecretCache, type SecretCacheErrorCode } from '../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { everythingVisibleIn } from '../support/doors.js'
import { rejectionOf } from '../support/rejection.js'
import { startScriptedServer } from '../support/scripted-server.js'
import { type RawAnswer, type SecretsAgent, startSecretsAgent } from '../support/secrets-agent.js'
import { throughPauses } from '../support/through-pauses.js'

const id = 'prod/db'
const planted = 'planted-51c7'

const notReady: RawAnswer = { status: 400, body: 'not ready to serve traffic, please wait' }
const hidden: RawAnswer = { status: 400, body: 'an unexpected error occurred while executing request' }

let clock: ManualClock
let fake: FakeSecretsManager
let agent: SecretsAgent
let cache: SecretCache

function cacheAt(port: number, token = 'the token'): SecretCache {
  // A deadline that no test reaches: what ends a read here is the source.
  return new SecretCache({ source: agentSource({ port, token, refreshNow: true, clock }), loadTimeoutMs: 3_600_000 })
}

function through<T>(reading: Promise<T>): Promise<T> {
  return throughPauses(clock, reading)
}

beforeEach(async () => {
  clock = new ManualClock()
  fake = new FakeSecretsManager({ secrets: { [id]: planted } })
  agent = await startSecretsAgent(fake)
  cache = cacheAt(agent.port)
})

afterEach(async () => {
  await cache.close()
  await agent.close()
})

describe('tried again until it works', () => {
  it.each<[what: string, answer: RawAnswer]>([
    ['an extension that is not ready', notReady],
    ['an extension under load', hidden],
    ['an agent under load', { status: 429, body: 'Connection limit exceeded' }],
    ['an agent that does not serve yet', { status: 503, body: 'Serving not enabled.' }],
    ['a failure of the agent', { status: 500, body: '{"__type":"InternalFailure"}' }],
    ['an agent whose own request timed out', { status: 504, body: '{"__type":"TimeoutError", "message":"Timeout"}' }],
    ['throttling', { status: 400, body: '{"__type":"ThrottlingException", "message":"Rate exceeded"}' }],
    ['throttling in the words of the extension', { status: 400, body: 'failed, api error ThrottlingException: Rate exceeded' }],
    ['a connection that was reset', 'reset'],
    ['an answer that is no HTTP', 'garbled'],
  ])('%s', async (_, answer) => {
    agent.answers.push(answer, answer, answer)
    expect(await through(cache.getSecretString(id))).toBe(planted)
    expect(agent.requests).toHaveLength(4)
  })

  it('an agent that does not listen yet', async () => {
    const { port } = agent
    await agent.close()
    const reading = cache.getSecretString(id)
    await vi.waitFor(() => expect(clock.pending).toBe(1))
    agent = await startSecretsAgent(fake, { port })
    expect(await through(reading)).toBe(planted)
  })
})

it('a request that the service quotes with its session token shows up in no error of the source', async () => {
  const told = `It does not match.\\n\\nThe Canonical String is\\nx-amz-security-token:${planted}`
  const refusal = { status: 400, body: `{"__type":"InvalidSignatureException", "message":"${told}"}` }
  agent.answers.push(...Array.from({ length: 10 }, () => refusal))
  const source = agentSource({ port: agent.port, token: 'the token', clock })
  const error = await through(rejectionOf(source.get({ secretId: id }, new AbortController())))
  expect(error.message).toBe('It does not match.')
  expect(everythingVisibleIn(error)).not.toContain(planted)
})

describe('answered at once', () => {
  it('what switches to another protocol, whose connection is closed', async () => {
    let closed: Promise<unknown> | undefined
    const switching = await startScriptedServer((_, { socket }) => {
      closed = new Promise(resolve => socket?.once('close', resolve))
      socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')
    })
    await expect(cacheAt(Number(new URL(switching.url).port)).getSecretString(id)).rejects.toMatchObject({
      code: 'ERR_SECRET_CONFIG',
      hint: expect.stringContaining('something else'),
    })
    await closed
    await switching.close()
  })

  const denied = 'User: arn:aws:sts::123456789012:assumed-role/app is not authorized'
  it.each<[body: string, code: SecretCacheErrorCode]>([
    [`{"__type":"AccessDeniedException", "message":"${denied}"}`, 'ERR_SECRET_ACCESS_DENIED'],
    ['{"__type":"com.amazonaws#InvalidRequestException","Message":"It was marked for deletion."}', 'ERR_SECRET_DELETED'],
    ['{"__type":"AccessDeniedException", "message":"not "authorized", and not escaped"}', 'ERR_SECRET_ACCESS_DENIED'],
    [
      `https response error StatusCode: 400, RequestID: 7fd6, api error AccessDeniedException: ${denied}`,
      'ERR_SECRET_ACCESS_DENIED',
    ],
    ['{"__type":"DecryptionFailure", "message":"The key is disabled."}', 'ERR_SECRET_DECRYPTION'],
    ['{"__type":"InvalidRequestException", "message":"It was marked for deletion."}', 'ERR_SECRET_DELETED'],
    ['api error InvalidParameterException: Invalid name.', 'ERR_SECRET_REQUEST'],
  ])('%s', async (body, code) => {
    agent.answers.push({ status: 400, body })
    expect(await rejectionOf(cache.getSecretString(id))).toMatchObject({ code })
    expect(agent.requests).toHaveLength(1)
  })

  it.each<[what: string, answer: RawAnswer, code: SecretCacheErrorCode, hint: RegExp]>([
    ['a token that is refused', { status: 403, body: 'Bad Token' }, 'ERR_SECRET_CREDENTIALS', /token/],
    [
      'a parameter that is not known',
      { status: 400, body: 'unknown parameter: refreshNow' },
      'ERR_SECRET_CONFIG',
      /refreshNow: false/,
    ],
    ['a proxy before the agent', { status: 400, body: 'Forwarded' }, 'ERR_SECRET_CONFIG', /X-Forwarded-For/],
    ['another method than the agent takes', { status: 405, body: 'Not allowed' }, 'ERR_SECRET_CONFIG', /port/],
    ['something else that listens there', { status: 404, body: 'Not found' }, 'ERR_SECRET_CONFIG', /port/],
  ])('%s, with what to do about it', async (_, answer, code, hint) => {
    agent.answers.push(answer)
    const error = await rejectionOf(cache.getSecretString(id))
    const { status } = answer as { status: number }
    expect(error).toMatchObject({ code, hint: expect.stringMatching(hint), cause: { status, message: `HTTP ${status}` } })
    expect(agent.requests).toHaveLength(1)
  })

  it('a file without a token, with its name', async () => {
    cache = cacheAt(agent.port, 'file:///nowhere/token')
    const error = await through(rejectionOf(cache.getSecretString(id)))
    expect(error).toMatchObject({ code: 'ERR_SECRET_CREDENTIALS', hint: expect.stringContaining('file://') })
    expect(error.message).toContain('ENOENT')
    expect(agent.requests).toEqual([])
  })
})

describe('a token that no header can carry is refused at once, without an attempt', () => {
  it.each([
    ['a line break', `${planted}\r\nHost: elsewhere`],
    ['a NUL', `${planted}\0`],
    ['a character of another script', `${planted}\u043f`],
    ['a control character', `${planted}\x07`],
    ['a DEL', `${planted}\x7f`],
  ])('%s', async (_, token) => {
    cache = cacheAt(agent.port, token)
    const error = await rejectionOf(cache.getSecretString(id))
    expect(error).toMatchObject({ code: 'ERR_SECRET_CREDENTIALS', hint: expect.stringContaining('one line of Latin characters') })
    expect(everythingVisibleIn(error)).not.toContain(planted)
    expect(agent.requests).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

describe('given up after ten attempts, with what to look at', () => {
  it.each<[what: string, answer: RawAnswer, code: SecretCacheErrorCode, hint: RegExp]>([
    ['an extension that does not say why', hidden, 'ERR_SECRET_UNAVAILABLE', /its log/],
    ['an agent under load', { status: 429, body: 'Connection limit exceeded' }, 'ERR_SECRET_THROTTLED', /max_conn/],
  ])('%s', async (_, answer, code, hint) => {
    agent.answers.push(...Array<RawAnswer>(20).fill(answer))
    const error = await through(rejectionOf(cache.getSecretString(id)))
    const { status } = answer as { status: number }
    expect(error).toMatchObject({ code, hint: expect.stringMatching(hint), secretId: id, cause: { status } })
    expect(agent.requests).toHaveLength(10)
  })
})

describe('a port at which nothing listens', () => {
  const signal = new AbortController().signal

  it('from the first read on is a mistake in the configuration, told within a second', async () => {
    const { port } = agent
    const source = agentSource({ port, token: 'the token', clock })
    await agent.close()
    const startedAt = clock.now()
    const error = await through(rejectionOf(source.get({ secretId: id }, { signal })))
    expect(error).toMatchObject({ code: 'ERR_SECRET_CONFIG', hint: expect.stringContaining(`port ${port}`) })
    expect(clock.now() - startedAt).toBeLessThanOrEqual(1_500)
    agent = await startSecretsAgent(fake)
  })

  it('after a read that went well is an outage, waited for as any other', async () => {
    const { port } = agent
    const source = agentSource({ port, token: 'the token', clock })
    await source.get({ secretId: id }, { signal })
    await agent.close()
    const startedAt = clock.now()
    const error = await through(rejectionOf(source.get({ secretId: id }, { signal })))
    expect(error).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE', hint: expect.stringContaining(`port ${port}`) })
    expect(clock.now() - startedAt).toBeGreaterThan(2_000)
    agent = await startSecretsAgent(fake)
  })
})

it('an abort during a pause ends the read with its reason, and leaves no timer', async () => {
  agent.answers.push(notReady)
  const leaving = new AbortController()
  const source = agentSource({ port: agent.port, token: 'the token', clock })
  const reading = source.get({ secretId: id }, leaving)
  await vi.waitFor(() => expect(clock.pending).toBe(1))
  leaving.abort(new Error('left'))
  await expect(reading).rejects.toThrow('left')
  expect(clock.pending).toBe(0)
})

it('an abort in the middle of an answer ends the read', async () => {
  agent.answers.push({ status: 200, body: 'never complete', stalls: true })
  const leaving = new AbortController()
  const reading = agentSource({ port: agent.port, token: 'the token', clock }).get({ secretId: id }, leaving)
  await vi.waitFor(() => expect(agent.stalled).toBe(1))
  leaving.abort(new Error('left'))
  await expect(reading).rejects.toThrow('left')
})

describe('the value shows up nowhere', () => {
  const good = JSON.stringify({ ARN: 'a', Name: id, VersionId: 'v', VersionStages: [], SecretString: planted })
  it.each<[what: string, answer: RawAnswer]>([
    ['a truncated answer', { status: 200, body: good.slice(0, -1) }],
    ['an answer that is cut off', { status: 200, body: good, cut: true }],
    ['a page', { status: 200, body: `<!doctype html>${planted}` }],
    ['a list', { status: 200, body: JSON.stringify([planted]) }],
    ['text alone', { status: 200, body: JSON.stringify(planted) }],
    [
      'an answer that is too long',
      { status: 200, body: JSON.stringify({ ...JSON.parse(good), Padding: ' '.repeat(1_048_576) }) },
    ],
    [
      'wrong types',
      { status: 200, body: JSON.stringify({ ...JSON.parse(good), SecretString: { of: planted }, SecretBinary: [planted] }) },
    ],
    ['an error that quotes it', { status: 400, body: JSON.stringify({ __type: good, message: good }) }],
    ['an unknown error that quotes it', { status: 400, body: JSON.stringify({ __type: planted, message: planted }) }],
    ['a page with an error that quotes it', { status: 502, body: `<h1>${planted}</h1>` }],
  ])('of %s', async (_, answer) => {
    agent.answers.push(...Array<RawAnswer>(10).fill(answer))
    const told: unknown[] = []
    cache.on('error', event => told.push(event))
    const error = await through(rejectionOf(cache.getSecretString(id)))
    expect(error).toMatchObject({ name: 'SecretCacheError', secretId: id })
    expect(told).toHaveLength(1)
    expect(everythingVisibleIn([error, told])).not.toContain(planted)
  })

  it('nor does the token', async () => {
    cache = cacheAt(agent.port, planted)
    expect(everythingVisibleIn(await rejectionOf(cache.getSecretString(id)))).not.toContain(planted)
  })
})
