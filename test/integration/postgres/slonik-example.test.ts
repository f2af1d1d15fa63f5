import { beforeAll, describe } from 'vitest'
import { describeOrms, type OrmExample } from '../../support/orm-behaviours.js'
import { describeRotations } from '../../support/rotation-behaviours.js'
import { useTestDatabase } from './database.js'
import { makeOrders, postgresWorld } from './world.js'

const database = useTestDatabase()
const world = postgresWorld(database)
const load = (): Promise<OrmExample> => import('../../../examples/slonik/index.js')

beforeAll(() => makeOrders(database))

describeOrms(world, { Slonik: load })

describe('Slonik', () => describeRotations({ ...world, rotationBy: strategy => ({ strategy, engine: world.engine() }) }, load))
