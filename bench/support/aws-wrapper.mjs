import { AwsPoolConfig } from 'aws-advanced-nodejs-wrapper'
import { AwsPgPoolClient } from 'aws-advanced-nodejs-wrapper/pg'

const region = 'eu-west-1'

/** The pool of AWS's own wrapper of pg, with its plugin for Secrets Manager, as it takes the exam. */
export const wrappedPg = {
  name: 'aws-advanced-nodejs-wrapper',
  async open({ ca, size, ...setting }) {
    const { config, close } = await configOf(setting)
    const pool = new AwsPgPoolClient(
      { ...config, ssl: { ca } },
      new AwsPoolConfig({ maxConnections: size, idleTimeoutMillis: 0 }),
    )
    return {
      query: async (text, values = []) => (await pool.query({ text, values })).rows,
      prepared: async (text, values = []) => (await pool.query({ name: 'exam', text, values })).rows,
      async transaction(work) {
        const client = await pool.connect()
        try {
          await client.query('BEGIN')
          await work(async (text, values = []) => (await client.query({ text, values })).rows)
          await client.query('COMMIT')
        } finally {
          await client.release()
        }
      },
      close: () => close(pool),
    }
  },
}

async function configOf({ fake, secretId, ttlMs }) {
  const server = await fake.listen()
  const { host, port, dbname: database } = JSON.parse(fake.perform('GetSecretValue', { SecretId: secretId }).SecretString)
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' })
  const config = {
    host,
    port,
    database,
    plugins: 'secretsManager',
    secretId,
    secretRegion: region,
    secretEndpoint: server.endpoint,
    ...(ttlMs !== undefined && { secretExpirationSec: ttlMs / 1_000 }),
  }
  const close = async pool => {
    await pool.end()
    await server.close()
  }
  return { config, close }
}
