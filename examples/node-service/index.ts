// A small service: HTTP, PostgreSQL, and rotations by SNS. Subscribe its URL, with /sns at the end, to the topic.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import { createSnsHandler } from 'awscurrent/sns'
import pg from 'pg'

const {
  SECRET_ID = 'prod/db',
  TOPIC_ARN = 'arn:aws:sns:eu-west-1:123456789012:secret-rotations',
  HOST = '0.0.0.0',
  PORT = '8080',
} = process.env

const secrets = new SecretCache()
secrets.on('error', ({ error }) => console.warn(error.code, error.message))

// The timeout is also for how long a query may wait in the middle of a rotation.
const pool = createPool(pg, { cache: secrets, secretId: SECRET_ID, max: 10, connectionTimeoutMillis: 10_000 })
pool.on('credentials', ({ user, versionId }) => console.log(`Logs in as ${user}, version ${versionId}.`))
pool.on('refused', ({ reason }) => console.error(reason))

const sns = createSnsHandler(secrets, { topicArns: [TOPIC_ARN] })
sns.on('messageRefused', ({ status, error }) => console.warn(status, error?.message))

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = `${request.method} ${request.url}`
  if (route === 'POST /sns') return sns(request, response)
  if (route === 'GET /health') {
    await pool.query('SELECT 1')
    response.end()
  } else if (route === 'POST /orders') {
    const { rows } = await pool.query('INSERT INTO orders (item) VALUES ($1) RETURNING id', [await text(request)])
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(rows[0]))
  } else {
    response.writeHead(404).end()
  }
}

const server = createServer((request, response) => {
  // A connection that a client keeps alive would hold up the end.
  response.once('close', () => server.listening || server.closeIdleConnections())
  serve(request, response).catch((error: Error) => {
    console.error(error.message)
    if (!response.headersSent) response.writeHead(503)
    response.end()
  })
})
server.listen(Number(PORT), HOST)
await once(server, 'listening')
console.log('Listens at', server.address())

/** Finishes the requests under way, then releases everything: the process ends by itself. */
async function stop(): Promise<void> {
  console.log('Stops.')
  server.close()
  await once(server, 'close')
  await pool.end()
  await secrets.close()
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
