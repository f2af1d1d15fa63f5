import { beforeAll } from 'vitest'
import { describeOrms } from '../../support/orm-behaviours.js'
import { throughAdapter } from '../../support/prisma-adapter.js'
import { useTestDatabase } from './database.js'
import { makeOrders, postgresWorld } from './world.js'

const database = useTestDatabase()

beforeAll(() => makeOrders(database))

describeOrms(postgresWorld(database), {
  Drizzle: () => import('../../../examples/drizzle/index.js'),
  Kysely: () => import('../../../examples/kysely/index.js'),
  Knex: () => import('../../../examples/knex/index.js'),
  MikroORM: () => import('../../../examples/mikro-orm/index.js'),
  Objection: () => import('../../../examples/objection/index.js'),
  'pg-promise': () => import('../../../examples/pg-promise/index.js'),
  'the adapter of Prisma': async () =>
    throughAdapter(await import('../../../examples/prisma/index.js'), { placeholder: '$1', sqlEnds: true }),
  Sequelize: () => import('../../../examples/sequelize/index.js'),
  Slonik: () => import('../../../examples/slonik/index.js'),
  TypeORM: () => import('../../../examples/typeorm/index.js'),
  'a pool that TypeORM has made': () => import('../../../examples/typeorm/attach.js'),
})
