import mysqlDriver from 'mysql2/promise'
import { mysql } from '../../../src/rotation/index.js'
import { describeFailures } from '../../support/rotation-failures.js'
import { startServer, useTestDatabase } from './database.js'

const database = useTestDatabase()

describeFailures({
  makeUser: database.makeUser,
  masterSecret: database.masterSecret,
  ca: () => database.server.ca,
  engine: options => mysql({ mysql: mysqlDriver, ...options }),
  use: secret => database.query(secret, 'SELECT 1'),
  start: startServer,
})
