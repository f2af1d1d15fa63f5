// Pools on a secret whose text is a connection string: postgres://user:password@host:5432/name, or mysql://…
import { type Secret, SecretCache } from 'awscurrent'
import { createPool as createMysqlPool } from 'awscurrent/mysql2'
import { createPool, type FollowingPool, type LoginFields } from 'awscurrent/pg'
import mysql from 'mysql2/promise'
import pg from 'pg'

/** In a URL, what is special in a password is percent-encoded. Parameters such as sslmode are yours to give as options. */
function login(secret: Secret): LoginFields {
  const { username, password, hostname, port, pathname } = new URL(secret.text())
  return {
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    host: hostname,
    port: port === '' ? undefined : Number(port),
    database: decodeURIComponent(pathname.slice(1)),
  }
}

export const secrets: SecretCache = new SecretCache()
const followed = { cache: secrets, secretId: process.env.SECRET_ID ?? 'prod/db', login }

export const postgres: FollowingPool & pg.Pool = createPool(pg, { ...followed, max: 10 })
export const mariadb: FollowingPool & mysql.Pool = createMysqlPool(mysql, { ...followed, connectionLimit: 10 })
