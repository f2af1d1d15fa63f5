import { beforeEach, expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createLambdaCache, withSecrets } from '../../src/lambda/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { DeferredSource, settled } from '../support/deferred-source.js'

let source: DeferredSource
let told: string[]

beforeEach(() => {
  source = new DeferredSource()
  told = []
})

/** Tells when a handler has answered. */
async function tellEnd(answer: Promise<unknown>): Promise<void> {
  await answer.catch(() => {})
  told.push('answered')
}

it('the handler begins when the warm-up is over', async () => {
  const cache = createLambdaCache({ secrets: ['secret'], source })
  const handler = withSecrets(cache, async () => cache.peek('secret')?.text())
  const answer = handler()
  await settled()
  await source.sent[0]?.answer('v1')
  expect(await answer).toBe('v1')
})

it('the handler begins although the warm-up has failed', async () => {
  const cache = createLambdaCache({ secrets: ['secret'], source })
  const handler = withSecrets(cache, async () => 'begun')
  const answer = handler()
  await settled()
  await source.sent[0]?.fail()
  expect(await answer).toBe('begun')
})

it.each([
  ['answers', async () => 'answer'],
  ['rejects', async () => Promise.reject(new Error('rejected'))],
  [
    'throws',
    () => {
      throw new Error('thrown')
    },
  ],
])('a handler that %s is waited for together with the loads that it leaves behind', async (_, end) => {
  const cache = new SecretCache({ source })
  cache.on('loaded', () => told.push('loaded'))
  const handler = withSecrets(cache, () => {
    void cache.getSecretString('secret')
    return end()
  })
  const ended = tellEnd(handler())
  await settled()
  expect(told).toEqual([])
  await source.sent[0]?.answer('v1')
  await ended
  expect(told).toEqual(['loaded', 'answered'])
})

it('what the handler is given and what it answers or rejects with is passed on', async () => {
  const failure = new Error('The handler failed.')
  const cache = new FakeSecretsManager({ secrets: { id: 'one' } })
  const secrets = createLambdaCache({ secrets: ['id'], source: cache.source() })
  const handler = withSecrets(secrets, async (event: { fail: boolean }, context: object) => {
    if (event.fail) throw failure
    return [event, context]
  })
  const [event, context] = [{ fail: false }, {}]
  const answer = await handler(event, context)
  expect(answer[0]).toBe(event)
  expect(answer[1]).toBe(context)
  await expect(handler({ fail: true }, context)).rejects.toBe(failure)
})

it('a handler that was marked as streaming stays so, and is given its stream', async () => {
  const mark = Symbol.for('aws.lambda.runtime.handler.streaming')
  const stream = { written: '' }
  const streaming = Object.assign(
    async (_event: object, response: typeof stream, _context: object) => {
      response.written = 'text'
    },
    { [mark]: 'response' },
  )
  const handler = withSecrets(new SecretCache({ source }), streaming)
  expect(handler[mark]).toBe('response')
  await handler({}, stream, {})
  expect(stream.written).toBe('text')
})

it.each([
  ['a cache', undefined, async () => {}, /^cache must/],
  ['a handler', new SecretCache(), undefined, /^handler must/],
])('without %s it is a TypeError', (_, cache, handler, message) => {
  const wrap = (): unknown => withSecrets(cache as SecretCache, handler as () => Promise<void>)
  expect(wrap).toThrow(TypeError)
  expect(wrap).toThrow(message)
})
