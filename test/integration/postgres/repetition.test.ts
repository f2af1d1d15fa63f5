import pg from 'pg'
import { postgres } from '../../../src/rotation/index.js'
import { describeRepetition } from '../../support/rotation-crashes.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const write = 'CREATE TABLE IF NOT EXISTS notes (text text)'

for (const strategy of ['single-user', 'alternating-users'] as const) {
  describeRepetition(strategy, {
    makeUser: database.makeUser,
    masterSecret: database.masterSecret,
    engine: process => postgres({ pg: process.pg(pg), ca: database.server.ca }),
    use: secret => database.query(secret, write, "INSERT INTO notes VALUES ('x')", 'SELECT count(*) FROM notes'),
  })
}
