import middy from '@middy/core'
import type { APIGatewayProxyHandlerV2, Context, SNSEvent, SQSHandler } from 'aws-lambda'
import middy7 from 'middy-7'
import { expectTypeOf, test } from 'vitest'
import { createLambdaCache, createRotationEventHandler, secretsMiddleware, withSecrets } from '../../src/lambda/index.js'

const secrets = createLambdaCache({ secrets: ['prod/db'] })

test('a wrapped handler keeps the type of its event, its context and its answer', () => {
  const handler = withSecrets(secrets, async (event: SNSEvent, _context: Context) => event.Records.length)
  expectTypeOf(handler).toEqualTypeOf<(event: SNSEvent, _context: Context) => Promise<number>>()
})

test('a wrapped handler is what the types of Lambda call one', () => {
  const handler: APIGatewayProxyHandlerV2 = async () => ({ statusCode: 200 })
  expectTypeOf(withSecrets(secrets, handler)).toEqualTypeOf<APIGatewayProxyHandlerV2>()
})

test('a wrapped handler that streams keeps its type', () => {
  const handler = awslambda.streamifyResponse(async (_event, stream) => void stream.end())
  expectTypeOf(withSecrets(secrets, handler)).toEqualTypeOf(handler)
})

test('a handler that answers at once is refused: wrapped, it would answer a promise', () => {
  // @ts-expect-error: not async
  withSecrets(secrets, () => 'answer')
})

test('middy 6 and 7 take the middleware, and a wrapped handler may be one of middy', () => {
  middy().use(secretsMiddleware(secrets))
  middy7().use(secretsMiddleware(secrets))
  const handler = middy(async (event: SNSEvent) => event.Records.length)
  expectTypeOf(withSecrets(secrets, handler)).toEqualTypeOf(handler)
})

test('the handler of rotation events answers what Lambda expects of a handler of SQS', () => {
  expectTypeOf(createRotationEventHandler(secrets)).toExtend<SQSHandler>()
})

test('all options of a cache are taken: where nothing freezes, they apply', () => {
  createLambdaCache({ secrets: [], staleWhileRevalidateMs: 1_000, refreshSpreadMs: 1_000 })
  createLambdaCache({ secrets: [], perSecret: { 'prod/db': { staleWhileRevalidateMs: 1_000 } } })
})
