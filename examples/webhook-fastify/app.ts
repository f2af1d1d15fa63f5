import type { SecretCache } from 'awscurrent'
import { createSnsHandler, type SnsHandlerOptions } from 'awscurrent/sns'
import fastify, { type FastifyInstance } from 'fastify'

/**
 * A Fastify service that hears of rotations by SNS.
 *
 * await createApp(new SecretCache(), { topicArns: ['arn:aws:sns:eu-west-1:123456789012:secret-rotations'] }).listen({ port: 8080 })
 */
export function createApp(secrets: SecretCache, options: SnsHandlerOptions): FastifyInstance {
  const sns = createSnsHandler(secrets, options)
  const app = fastify()
  app.register(async scope => {
    // The handler reads the body itself: what was signed is the text as it came.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.post('/sns', (request, reply) => {
      reply.hijack()
      return sns(request.raw, reply.raw)
    })
  })
  app.get('/key-length', async () => ({ length: (await secrets.getSecretString('prod/api-key')).length }))
  return app
}
