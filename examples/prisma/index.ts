// Prisma 7 on a pool that follows a secret: new PrismaClient({ adapter }).
import { type PrismaPg as Adapter, PrismaPg } from '@prisma/adapter-pg'
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import pg from 'pg'

export const secrets: SecretCache = new SecretCache()
const pool = createPool(pg, { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', max: 10 })

/** It must find the same copy of pg as you do: it takes a pool of another copy for options, and connects to localhost. */
export const adapter: Adapter = new PrismaPg(pool)

/** To be called after `prisma.$disconnect()`, which leaves the pool open. */
export async function close(): Promise<void> {
  await pool.end()
  await secrets.close()
}
