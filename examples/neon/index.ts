// The Pool of Neon's driver is a pg.Pool whose connections are WebSockets.
import { neonConfig, Pool } from '@neondatabase/serverless'
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import { WebSocket } from 'ws'

neonConfig.webSocketConstructor = WebSocket // Node.js has its own since version 22
// A login is judged before its connection is handed out, not with the first query on it.
neonConfig.pipelineConnect = false

export const secrets: SecretCache = new SecretCache()
const pool = createPool({ Pool }, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', max: 10 })

/** A transaction stays on the connection that it began on, whatever rotates meanwhile. */
export async function placeOrder(item: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('INSERT INTO orders (item) VALUES ($1)', [item])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

export async function countOrders(item: string): Promise<number> {
  const { rows } = await pool.query('SELECT count(*) AS n FROM orders WHERE item = $1', [item])
  return Number(rows[0]?.n)
}

export async function close(): Promise<void> {
  await pool.end()
  await secrets.close()
}
