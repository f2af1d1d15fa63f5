import type { PrismaPg } from '@prisma/adapter-pg'
import { beforeAll } from 'vitest'
import { describeOrms, type OrmExample } from '../../support/orm-behaviours.js'
import { useTestDatabase } from './database.js'
import { makeOrders, postgresWorld } from './world.js'

const database = useTestDatabase()

beforeAll(() => makeOrders(database))

/** What the client of Prisma does with its adapter. */
async function throughAdapter({ adapter, ...example }: typeof import('../../../examples/prisma/index.js')): Promise<OrmExample> {
  const connection = await adapter.connect()
  type Statement = Parameters<Awaited<ReturnType<PrismaPg['connect']>>['queryRaw']>[0]
  const statement = (sql: string, ...args: string[]): Statement => ({
    sql,
    args,
    argTypes: args.map(() => ({ scalarType: 'string', arity: 'scalar' })),
  })
  return {
    ...example,
    async placeOrder(item) {
      const transaction = await connection.startTransaction()
      try {
        await transaction.executeRaw(statement('INSERT INTO orders (item) VALUES ($1)', item))
        await transaction.executeRaw(statement('COMMIT'))
        await transaction.commit()
      } catch (error) {
        await transaction.executeRaw(statement('ROLLBACK'))
        await transaction.rollback()
        throw error
      }
    },
    async countOrders(item) {
      const { rows } = await connection.queryRaw(statement('SELECT count(*) FROM orders WHERE item = $1', item))
      return Number(rows[0]?.[0])
    },
    async close() {
      await connection.dispose()
      await example.close()
    },
  }
}

describeOrms(postgresWorld(database), {
  Drizzle: () => import('../../../examples/drizzle/index.js'),
  Kysely: () => import('../../../examples/kysely/index.js'),
  Knex: () => import('../../../examples/knex/index.js'),
  MikroORM: () => import('../../../examples/mikro-orm/index.js'),
  Objection: () => import('../../../examples/objection/index.js'),
  'pg-promise': () => import('../../../examples/pg-promise/index.js'),
  'the adapter of Prisma': async () => throughAdapter(await import('../../../examples/prisma/index.js')),
  Sequelize: () => import('../../../examples/sequelize/index.js'),
  TypeORM: () => import('../../../examples/typeorm/index.js'),
  'a pool that TypeORM has made': () => import('../../../examples/typeorm/attach.js'),
})
