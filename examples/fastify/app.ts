import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import fastify, { type FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import pg from 'pg'

declare module 'fastify' {
  interface FastifyInstance {
    secrets: SecretCache
    database: pg.Pool
  }
}

/** Decorates the server with a cache and a pool, fails its start if the secret cannot be read, and closes both at its end. */
const secretsPlugin = plugin(async (app: FastifyInstance, { secretId }: { secretId: string }) => {
  const secrets = new SecretCache()
  secrets.on('error', ({ error }) => app.log.error(error))
  app.decorate('secrets', secrets)
  app.decorate('database', createPool(pg, { cache: secrets, secretId }))
  app.addHook('onReady', async () => void (await secrets.getSecret(secretId)))
  app.addHook('onClose', async () => {
    await app.database.end()
    await secrets.close()
  })
})

export const app: FastifyInstance = fastify()
app.register(secretsPlugin, { secretId: 'prod/db' })
app.get('/version', async () => ({ versionId: (await app.secrets.getSecret('prod/db')).versionId }))
