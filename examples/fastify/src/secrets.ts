import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import { listenToQueue, type QueueListener } from 'awscurrent/sqs'
import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import pg from 'pg'

declare module 'fastify' {
  interface FastifyInstance {
    secrets: SecretCache
    database: pg.Pool
  }
}

interface SecretsOptions {
  /** The secret of the database. */
  secretId: string
  /** The topic that rotation events are published to. */
  topicArn?: string | undefined
}

/** Decorates the server with a cache and a pool. If the secret cannot be read, the server does not start. */
export const secretsPlugin = plugin(
  async (app: FastifyInstance, { secretId, topicArn }: SecretsOptions) => {
    const secrets = new SecretCache()
    secrets.on('error', ({ error }) => app.log.warn(error))
    await secrets.getSecret(secretId)
    const database = createPool(pg, { cache: secrets, secretId, max: 10 })
    app.decorate('secrets', secrets)
    app.decorate('database', database)
    let listener: QueueListener | undefined
    // Once all plugins are loaded: a start that fails before that leaves no queue behind.
    app.addHook('onReady', async () => {
      if (topicArn) listener = await listenToQueue(secrets, { topicArn })
    })
    // Fastify has answered the requests under way when it runs this.
    app.addHook('onClose', async () => {
      await listener?.close()
      await database.end()
      await secrets.close()
    })
  },
  { name: 'secrets', fastify: '5.x' },
)
