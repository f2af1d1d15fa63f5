import pg from 'pg'
import { postgres } from '../../../src/rotation/index.js'
import { startPostgres } from '../../support/postgres.js'
import { describeFailures } from '../../support/rotation-failures.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()

describeFailures({
  makeUser: database.makeUser,
  masterSecret: database.masterSecret,
  ca: () => database.server.ca,
  engine: options => postgres({ pg, ...options }),
  use: secret => database.query(secret, 'SELECT 1'),
  start: ({ tls = true, ...options }) => startPostgres({ ...options, ...(!tls && { settings: { ssl: 'off' } }) }),
})
