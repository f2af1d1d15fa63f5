import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { fileSource } from '../../../src/local/index.js'
import { createPool } from '../../../src/pg/index.js'
import { eventually } from '../../support/pool-scene.js'
import { useTestDatabase } from './database.js'
import { whoAmI } from './world.js'

const database = useTestDatabase()

async function makeFile(): Promise<{ file: string; save: (secret: object) => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'awscurrent-local-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'secrets.json')
  // As an editor does it: the file is never half written.
  const save = async (secret: object): Promise<void> => {
    await writeFile(`${file}.tmp`, JSON.stringify({ 'prod/db': secret }), { mode: 0o600 })
    await rename(`${file}.tmp`, file)
  }
  return { file, save }
}

it('a pool follows an edited file: to another user, and to another password', async () => {
  const [first, second] = [await database.makeUser(), await database.makeUser()]
  const { file, save } = await makeFile()
  await save({ ...first, dbname: 'postgres' })
  await using cache = new SecretCache({ source: fileSource(file) })
  const pool = createPool(pg, { cache, secretId: 'prod/db', retireSpreadMs: 20 })
  const who = async (): Promise<unknown> => (await pool.query(whoAmI)).rows[0].me
  expect(await who()).toBe(first.username)

  await save({ ...second, dbname: 'postgres' })
  await eventually(async () => expect(await who()).toBe(second.username))

  const moved: string[] = []
  cache.on('rotated', ({ versionId }) => void moved.push(versionId))
  await database.admin.query(`ALTER ROLE ${second.username} PASSWORD 'changed'`)
  await save({ ...second, password: 'changed', dbname: 'postgres' })
  await eventually(() => expect(moved.length).toBe(1))
  // New connections log in with the new password.
  await Promise.all(Array.from({ length: 5 }, () => pool.query('SELECT pg_sleep(0.05)')))
  expect(await who()).toBe(second.username)
  await pool.end()
})
