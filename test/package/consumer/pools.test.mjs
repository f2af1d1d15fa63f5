import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { SecretCache } from 'awscurrent'
import * as mysqlPools from 'awscurrent/mysql2'
import * as pgPools from 'awscurrent/pg'
import { FakeSecretsManager } from 'awscurrent/testing'
import mysql from 'mysql2'
import mysqlPromise from 'mysql2/promise'
import pg from 'pg'

/** A port where nobody answers. */
async function closedPort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

describe('a pool that follows a secret', () => {
  let cache
  let secretId

  before(async () => {
    secretId = 'prod/db'
    const secret = { username: 'app', password: 'one', host: '127.0.0.1', port: await closedPort(), dbname: 'shop' }
    cache = new SecretCache({ source: new FakeSecretsManager({ secrets: { [secretId]: secret } }).source() })
  })
  after(() => cache.close())

  for (const [driver, open] of [
    ['pg', options => pgPools.createPool(pg, options)],
    ['mysql2/promise', options => mysqlPools.createPool(mysqlPromise, options)],
  ]) {
    it(`of ${driver} goes where the secret says, rejects with the error of the driver, and ends`, async () => {
      const pool = open({ cache, secretId })
      await assert.rejects(Promise.resolve(pool.query('SELECT 1')), { code: 'ECONNREFUSED' })
      await pool.end()
    })
  }

  it('of mysql2 with callbacks does the same', async () => {
    const pool = mysqlPools.createPool(mysql, { cache, secretId })
    const error = await new Promise(resolve => pool.query('SELECT 1', resolve))
    assert.equal(error.code, 'ECONNREFUSED')
    await new Promise(resolve => pool.end(resolve))
  })
})
