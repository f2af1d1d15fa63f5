import { describe } from 'vitest'
import { describePool } from '../../support/pool-behaviours.js'
import { useTestDatabase } from './database.js'
import { withCallbacks, withPromises } from './open-pool.js'
import { mysqlWorld } from './world.js'

const database = useTestDatabase()
const world = mysqlWorld(database)
const tls = () => ({ ca: database.server.ca, rejectUnauthorized: true, verifyIdentity: true })

describe('a pool with promises', () => describePool({ ...world, open: withPromises(tls) }))
describe('a pool with callbacks', () => describePool({ ...world, open: withCallbacks(tls) }))
