import { existsSync } from 'node:fs'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { mysql as mysqlEngine, postgres as postgresEngine, type RotationHandlerOptions } from '../../src/rotation/index.js'
import { startMariadb } from '../support/mariadb.js'
import { connectMysql } from '../support/mysql-server.js'
import { connectPostgres, startPostgres } from '../support/postgres.js'
import type { DatabaseFields } from '../support/rotating.js'
import { ChaosProxy } from './chaos-proxy.js'
import type { PoolPlan } from './messages.js'

/** A database with one user, reached through a proxy, whose password is rotated. */
export interface ChaosDatabase extends PoolPlan, AsyncDisposable {
  readonly proxy: ChaosProxy
  /** What the secret holds at first. */
  readonly secret: DatabaseFields
  readonly rotationEngine: NonNullable<RotationHandlerOptions['engine']>
  /** The next step of a rotation meets a restart. */
  restartInRotation(): void
  /** To be called by each step of a rotation. */
  stepBegins(): void
  /** Has the restart happen if no rotation came along; resolves when the server is there. */
  restarted(): Promise<void>
}

interface Server {
  host: string
  port: number
  ca: string
  restart(): Promise<void>
  stop(): Promise<void>
}

const first = { username: 'app', password: 'the-first-password' }

/** Two PostgreSQL, one of them behind the cache whose clock jumps, and a MariaDB where there is one. */
export async function startDatabases(): Promise<ChaosDatabase[]> {
  const started = [openPostgres('postgres', 'steady'), openPostgres('postgres-jumpy', 'jumpy')]
  if (hasMariadb()) started.push(openMariadb())
  return Promise.all(started)
}

async function openPostgres(name: string, cache: PoolPlan['cache']): Promise<ChaosDatabase> {
  const server = await startPostgres({ settings: { log_statement: 'none' } })
  const admin = await connectPostgres(server)
  await admin.query(`CREATE ROLE ${first.username} LOGIN PASSWORD '${first.password}'`)
  await admin.end()
  const plan = { name, cache, engine: 'postgres', rotationEngine: postgresEngine({ pg, ca: server.ca }) } as const
  return database(server, plan, 'postgres')
}

async function openMariadb(): Promise<ChaosDatabase> {
  const server = await startMariadb({ logStatements: false })
  const admin = await connectMysql(server)
  await admin.query(`CREATE DATABASE app`)
  await admin.query(`CREATE USER ${first.username}@'%' IDENTIFIED BY '${first.password}'`)
  await admin.query(`GRANT ALL PRIVILEGES ON app.* TO ${first.username}@'%'`)
  await admin.end()
  const plan = {
    name: 'mariadb',
    cache: 'steady',
    engine: 'mariadb',
    rotationEngine: mysqlEngine({ mysql, ca: server.ca }),
  } as const
  return database(server, plan, 'app')
}

async function database(
  server: Server,
  plan: Pick<ChaosDatabase, 'name' | 'cache' | 'engine' | 'rotationEngine'>,
  dbname: string,
): Promise<ChaosDatabase> {
  const proxy = await ChaosProxy.start(server.port)
  let armed = false
  let restart: Promise<void> | undefined
  const stepBegins = (): void => {
    if (!armed) return
    armed = false
    restart = server.restart()
    // Whoever waits for it hears of a failure; until then it is no unhandled one.
    restart.catch(() => {})
  }
  return {
    ...plan,
    secretId: `prod/${plan.name}`,
    ca: server.ca,
    proxy,
    secret: { engine: plan.engine, host: server.host, port: proxy.port, dbname, ...first },
    restartInRotation() {
      armed = true
    },
    stepBegins,
    async restarted() {
      stepBegins()
      await restart
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      await server.stop()
    },
  }
}

function hasMariadb(): boolean {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  return folders.some(folder => existsSync(`${folder}/mariadbd`))
}
