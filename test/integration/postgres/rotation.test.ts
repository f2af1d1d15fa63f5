import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgres } from '../../../src/rotation/index.js'
import { connectPostgres, type PostgresServer, startPostgres } from '../../support/postgres.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { readLog } from '../../support/server-process.js'

let server: PostgresServer
let admin: pg.Client
beforeAll(async () => {
  server = await startPostgres()
  admin = await connectPostgres(server)
})
afterAll(async () => {
  await admin?.end()
  await server?.stop()
})

/** A user and a database of its own for one test. */
async function makeUser(): Promise<DatabaseFields> {
  const username = `app_${randomUUID().slice(0, 8)}`
  const password = randomUUID()
  await admin.query(`CREATE ROLE ${username} LOGIN PASSWORD '${password}'`)
  await admin.query(`CREATE DATABASE ${username} OWNER ${username}`)
  return { engine: 'postgres', host: server.host, port: server.port, username, password, dbname: username }
}

const masterSecret = (): DatabaseFields => ({ engine: 'postgres', ...pick(server) })
const pick = ({ host, port, username, password }: PostgresServer) => ({ host, port, username, password })
const logIn = ({ username, password, dbname }: DatabaseFields) =>
  connectPostgres(server, { user: username, password, ...(dbname && { database: dbname }) })

async function query(secret: DatabaseFields, ...statements: string[]): Promise<unknown[]> {
  const client = await logIn(secret)
  try {
    const results = []
    for (const statement of statements) results.push(...(await client.query(statement)).rows)
    return results
  } finally {
    await client.end()
  }
}

describe('single-user', () => {
  it('changes the password of the user, time after time', async () => {
    const first = await makeUser()
    const { rotate, read } = rotating({ db: { ...first } }, { engine: postgres({ pg, ca: server.ca }) })
    const seen = [first]
    for (let turn = 0; turn < 3; turn += 1) {
      await rotate('db')
      seen.push(read('db'))
    }
    expect(new Set(seen.map(({ password }) => password)).size).toBe(4)
    expect(seen.map(({ password: _, ...rest }) => rest)).toEqual(Array(4).fill({ ...first, password: undefined }))
    await expect(query(seen[3]!, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
    for (const old of seen.slice(0, 3)) await expect(logIn(old)).rejects.toMatchObject({ code: '28P01' })
  })
})

describe('alternating-users', () => {
  it('makes the clone, then changes sides with every rotation, and the version before goes on working', async () => {
    const first = { ...(await makeUser()), masterarn: 'master' }
    const { rotate, read } = rotating(
      { db: { ...first }, master: { ...masterSecret() } },
      { strategy: 'alternating-users', engine: postgres({ pg, ca: server.ca }) },
    )
    let before: DatabaseFields = first
    for (const username of [`${first.username}_clone`, first.username, `${first.username}_clone`, first.username]) {
      await rotate('db')
      const now = read('db')
      expect(now.username).toBe(username)
      await expect(query(now, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
      await expect(query(before, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
      before = now
    }
  })
})

it('leaves no password in the log of the server', async () => {
  const first = { ...(await makeUser()), masterarn: 'master' }
  const secrets = { one: { ...first }, two: { ...first }, master: { ...masterSecret() } }
  const { rotate, read } = rotating(secrets, { strategy: 'alternating-users', engine: postgres({ pg, ca: server.ca }) })
  await rotate('two')
  const log = readLog(server)
  expect(log).toContain(`ALTER ROLE "${first.username}_clone" PASSWORD 'SCRAM-SHA-256$4096:`)
  expect(log).not.toContain(read('two').password)
})
