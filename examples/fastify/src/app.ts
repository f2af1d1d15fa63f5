import cookie from '@fastify/cookie'
import session from '@fastify/session'
import { createKeyring } from 'awscurrent/keyring'
import fastify, { type FastifyInstance } from 'fastify'
import { secretsPlugin } from './secrets.js'

declare module 'fastify' {
  interface Session {
    user?: string
  }
}

export async function createApp(): Promise<FastifyInstance> {
  const app = fastify({ logger: true })
  await app.register(secretsPlugin, { secretId: 'prod/db', topicArn: process.env.TOPIC_ARN })

  // The signer follows the secret; an array of keys would be copied. Sessions are kept in memory unless you pass a store.
  const ring = await createKeyring({ cache: app.secrets, secretId: 'prod/session' })
  await app.register(cookie)
  await app.register(session, { secret: ring.signer, cookie: { secure: 'auto' }, saveUninitialized: false })

  app.get('/ready', async (request, reply) => {
    try {
      await app.database.query('SELECT 1')
      return { ready: true }
    } catch (error) {
      request.log.warn(error)
      return reply.code(503).send({ ready: false })
    }
  })

  app.get('/key', async () => {
    const key = await app.secrets.getSecret('prod/api-key')
    return { versionId: key.versionId, length: key.text().length }
  })

  app.post<{ Body: { item: string } }>('/orders', async (request, reply) => {
    await app.database.query('INSERT INTO orders (item) VALUES ($1)', [request.body.item])
    return reply.code(201).send({})
  })

  app.post<{ Body: { user: string } }>('/session', async (request, reply) => {
    request.session.user = request.body.user
    return reply.code(201).send({})
  })

  app.get('/session', async ({ session: { user } }, reply) => (user ? { user } : reply.code(401).send({})))

  return app
}
