import middy from '@middy/core'
import { expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createLambdaCache, secretsMiddleware } from '../../src/lambda/index.js'
import { DeferredSource, settled } from '../support/deferred-source.js'

const context = {} as never

it('with middy, the handler begins when the warm-up is over', async () => {
  const source = new DeferredSource()
  const secrets = createLambdaCache({ secrets: ['secret'], source })
  const handler = middy()
    .use(secretsMiddleware(secrets))
    .handler(async () => secrets.peek('secret')?.text())
  const answer = handler({}, context)
  await settled()
  await source.sent[0]?.answer('v1')
  expect(await answer).toBe('v1')
})

it.each([
  ['answers', async () => 'answer'],
  ['fails', async () => Promise.reject(new Error('failed'))],
])('with middy, a function that %s has ended the loads of its handler and of other middlewares', async (_, end) => {
  const source = new DeferredSource()
  const secrets = new SecretCache({ source })
  const told: string[] = []
  const leave = async (secretId: string): Promise<void> => {
    void secrets.getSecretString(secretId).then(() => told.push(secretId))
  }
  const handler = middy()
    .use(secretsMiddleware(secrets))
    .use({ after: () => leave('after'), onError: () => leave('after') })
    .handler(async () => {
      await leave('handler')
      return end()
    })
  const ended = handler({}, context).then(
    () => told.push('answered'),
    () => told.push('answered'),
  )
  await settled()
  await source.sent[0]?.answer('v1', 'handler')
  expect(told).not.toContain('answered')
  await source.sent[1]?.answer('v1', 'after')
  await ended
  expect(told).toEqual(['handler', 'after', 'answered'])
})

it('with middy, neither the warm-up nor a load is waited for into the last half second', async () => {
  const secrets = createLambdaCache({ secrets: ['secret'], source: new DeferredSource() })
  const handler = middy()
    .use(secretsMiddleware(secrets))
    .handler(async () => 'answer')
  expect(await handler({}, { getRemainingTimeInMillis: () => 500 } as never)).toBe('answer')
})

it('called without a request, as by a test, it waits as without a context', async () => {
  const source = new DeferredSource()
  const secrets = new SecretCache({ source })
  const { before, after } = secretsMiddleware(secrets)
  await before()
  await after()
  expect(source.sent).toEqual([])
})

it('without a cache it is a TypeError', () => {
  expect(() => secretsMiddleware(undefined as never)).toThrow(new TypeError('cache must be a SecretCache.'))
})
