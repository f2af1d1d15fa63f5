// Pools on the secret of a master user that RDS manages: user name and password are in it, the address is not.
import { SecretCache } from 'awscurrent'
import { createPool as createMysqlPool } from 'awscurrent/mysql2'
import { createPool, type FollowingPool } from 'awscurrent/pg'
import mysql from 'mysql2/promise'
import pg from 'pg'

export const secrets: SecretCache = new SecretCache()
const followed = {
  cache: secrets,
  secretId: process.env.SECRET_ID ?? 'rds!cluster-6f2b8a1c-3d4e-4f5a-9b6c-7d8e9f0a1b2c',
  host: process.env.DB_HOST ?? 'localhost',
  port: Number(process.env.DB_PORT ?? 5432),
  database: process.env.DB_NAME ?? 'app', // the secret names none
}

export const postgres: FollowingPool & pg.Pool = createPool(pg, { ...followed, max: 10 })
export const mariadb: FollowingPool & mysql.Pool = createMysqlPool(mysql, { ...followed, connectionLimit: 10 })
