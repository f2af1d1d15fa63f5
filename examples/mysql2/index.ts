// mysql2 with promises on a pool that follows a secret. With callbacks: import mysql from 'mysql2'.
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/mysql2'
import mysql, { type RowDataPacket } from 'mysql2/promise'

export const secrets: SecretCache = new SecretCache()
const pool = createPool(mysql, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', connectionLimit: 10 })

/** A transaction stays on the connection that it began on, whatever rotates meanwhile. */
export async function placeOrder(item: string): Promise<void> {
  const connection = await pool.getConnection()
  try {
    await connection.beginTransaction()
    await connection.execute('INSERT INTO orders (item) VALUES (?)', [item])
    await connection.commit()
  } catch (error) {
    await connection.rollback()
    throw error
  } finally {
    connection.release()
  }
}

export async function countOrders(item: string): Promise<number> {
  const [rows] = await pool.query<RowDataPacket[]>('SELECT COUNT(*) AS n FROM orders WHERE item = ?', [item])
  return Number(rows[0]?.n)
}

/** mysql2 closes connections that are in use, too: stop taking work before. */
export async function close(): Promise<void> {
  await pool.end()
  await secrets.close()
}
