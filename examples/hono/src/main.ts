import { once } from 'node:events'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { SecretCache } from 'awscurrent'
import { createKeyring } from 'awscurrent/keyring'
import { createPool } from 'awscurrent/pg'
import { listenToQueue } from 'awscurrent/sqs'
import pg from 'pg'
import { createApp } from './app.js'

const { HOST = '0.0.0.0', PORT = '3000', TOPIC_ARN } = process.env

const secrets = new SecretCache()
secrets.on('error', ({ error }) => console.warn(error.message))
// Without them, the process ends here, with an error that says why.
await secrets.getSecret('prod/db')
const ring = await createKeyring({ cache: secrets, secretId: 'prod/session' })

const database = createPool(pg, { cache: secrets, secretId: 'prod/db', max: 10 })
const listener = TOPIC_ARN ? await listenToQueue(secrets, { topicArn: TOPIC_ARN }) : undefined

const app = createApp({ secrets, database, ring })
// Of node:http: what serve returns may also be a server of HTTP/2, which cannot close idle connections.
const server = createServer(getRequestListener(app.fetch)).listen(Number(PORT), HOST)
await once(server, 'listening')
console.log('Listens at', server.address())

// Node closes the connections that are idle when the server closes, but not those that become idle later.
server.on('request', (_request, response) => {
  response.once('close', () => server.listening || server.closeIdleConnections())
})

async function stop(): Promise<void> {
  server.close()
  await once(server, 'close')
  await listener?.close()
  await database.end()
  await secrets.close()
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
