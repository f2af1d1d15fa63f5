import { expect, it, onTestFinished } from 'vitest'
import { connectMysql } from '../../support/mysql-server.js'
import { useTestDatabase } from './database.js'
import { pairs } from './pair.js'

const database = useTestDatabase()
const { pairOf } = pairs(database)

it('a backup that locks all tables ends the step within seconds, and the next attempt after it succeeds', async () => {
  const pair = pairOf(await database.makeUser())
  const backup = await connectMysql(database.server)
  onTestFinished(() => backup.end())
  await backup.query('FLUSH TABLES WITH READ LOCK')
  await expect(pair.rotate('db')).rejects.toMatchObject({
    code: 'ERR_ROTATION_STEP',
    message: expect.stringContaining('a lock was not free in time'),
  })
  await backup.query('UNLOCK TABLES')
  await pair.repeat()
  await expect(database.query(pair.read('db'), 'SELECT 1')).resolves.toBeDefined()
})
