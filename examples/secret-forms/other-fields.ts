// Pools on a secret whose fields have names of your own.
import { type Secret, SecretCache } from 'awscurrent'
import { createPool as createMysqlPool } from 'awscurrent/mysql2'
import { createPool, type FollowingPool, type LoginFields } from 'awscurrent/pg'
import mysql from 'mysql2/promise'
import pg from 'pg'

interface OurSecret {
  dbUser: string
  dbPassword: string
  endpoint: string
  dbPort: number
  schema: string
}

/** If it throws, or returns no user or password, the login fails with ERR_SECRET_FORMAT, which quotes nothing of the secret. */
function login(secret: Secret): LoginFields {
  const { dbUser, dbPassword, endpoint, dbPort, schema } = secret.json<OurSecret>()
  return { user: dbUser, password: dbPassword, host: endpoint, port: dbPort, database: schema }
}

export const secrets: SecretCache = new SecretCache()
const followed = { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', login }

export const postgres: FollowingPool & pg.Pool = createPool(pg, { ...followed, max: 10 })
export const mariadb: FollowingPool & mysql.Pool = createMysqlPool(mysql, { ...followed, connectionLimit: 10 })
