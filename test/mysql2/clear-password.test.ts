import { randomBytes } from 'node:crypto'
import mysqlCallbacks from 'mysql2'
import mysql from 'mysql2/promise'
import olderMysql from 'mysql2-3.6/promise'
import { describe, expect, it, onTestFinished } from 'vitest'
import { credentialsFrom, type LoginSource } from '../../src/iam/index.js'
import { attachPool, createPool } from '../../src/mysql2/index.js'
import { type ClearPasswordServer, startClearPasswordServer } from '../support/clear-password-server.js'
import { rejectionOf } from '../support/rejection.js'

const token = randomBytes(700).toString('hex')

function sourceOf({ requiresTls }: { requiresTls: boolean }): LoginSource {
  return credentialsFrom({ requiresTls, get: async () => ({ username: 'app', password: token }) })
}

async function start(): Promise<ClearPasswordServer> {
  const server = await startClearPasswordServer()
  onTestFinished(() => server.stop())
  return server
}

/** Queries once through a pool of each kind. */
const pools = {
  'mysql2/promise': (options: mysql.PoolOptions, credentials: LoginSource) => createPool(mysql, { ...options, credentials }),
  'mysql2 with callbacks': (options: mysql.PoolOptions, credentials: LoginSource) =>
    createPool(mysqlCallbacks, { ...options, credentials } as never).promise(),
  'an attached pool': (options: mysql.PoolOptions, credentials: LoginSource) =>
    attachPool(mysql.createPool({ ...options, user: 'other', password: 'another' }), { credentials }),
  'an attached pool with callbacks': (options: mysql.PoolOptions, credentials: LoginSource) =>
    attachPool(mysqlCallbacks.createPool(options as never), { credentials }).promise(),
  'mysql2 3.6': (options: mysql.PoolOptions, credentials: LoginSource) =>
    createPool(olderMysql, { ...options, credentials } as never) as unknown as mysql.Pool,
}
const each = Object.entries(pools)

async function query(pool: mysql.Pool): Promise<void> {
  onTestFinished(() => pool.end())
  await pool.query('select 1')
}

describe.each(each)('%s', (_, open) => {
  it('sends a long token as it is over TLS, when the server asks for it', async () => {
    const server = await start()
    const { host, port, ca } = server
    await query(open({ host, port, ssl: { ca } }, sourceOf({ requiresTls: true })))
    expect(String(server.passwords[0])).toBe(`${token}\0`)
  })

  it('sends nothing to a server without TLS if the source requires TLS', async () => {
    const server = await start()
    const { host, port } = server
    const off = open({ host, port, ssl: false as never }, sourceOf({ requiresTls: true }))
    expect(await rejectionOf(query(off))).toMatchObject({ code: 'ERR_SECRET_CONFIG' })
    expect(server.connections).toBe(0)
  })

  it('does not answer in clear text without TLS, even if the source does not require TLS', async () => {
    const server = await start()
    const { host, port } = server
    const failure = await rejectionOf(query(open({ host, port }, sourceOf({ requiresTls: false }))))
    expect(failure).toMatchObject({ code: 'AUTH_SWITCH_PLUGIN_ERROR', message: expect.stringContaining('over TLS only') })
    expect([server.connections > 0, server.plain.includes(token), server.passwords]).toEqual([true, false, []])
  })
})

describe('a pool that was not told of TLS', () => {
  it('uses TLS and checks the certificate if it was created for a source that requires TLS', async () => {
    const server = await start()
    const { host, port } = server
    const failure = await rejectionOf(query(createPool(mysql, { host, port, credentials: sourceOf({ requiresTls: true }) })))
    expect(failure).toMatchObject({ code: 'HANDSHAKE_SSL_ERROR', message: expect.stringContaining('self-signed') })
    expect([server.connections > 0, server.plain.includes(token), server.passwords]).toEqual([true, false, []])
  })

  it('sends nothing if it was attached to a source that requires TLS', async () => {
    const server = await start()
    const { host, port } = server
    const pool = attachPool(mysql.createPool({ host, port }), { credentials: sourceOf({ requiresTls: true }) })
    expect(await rejectionOf(query(pool))).toMatchObject({ code: 'ERR_SECRET_CONFIG' })
    expect(server.connections).toBe(0)
  })

  it('answers in clear text if its own options say so', async () => {
    const server = await start()
    const { host, port } = server
    const credentials = sourceOf({ requiresTls: false })
    await query(createPool(mysql, { host, port, enableCleartextPlugin: true, credentials }))
    expect(String(server.passwords[0])).toBe(`${token}\0`)
  })
})
