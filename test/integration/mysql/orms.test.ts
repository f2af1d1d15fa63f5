import { describeOrms } from '../../support/orm-behaviours.js'
import { throughAdapter } from '../../support/prisma-adapter.js'
import { useTestDatabase } from './database.js'
import { mysqlWorld } from './world.js'

const database = useTestDatabase()

/** Every user has a table of their own. */
async function makeUser(): ReturnType<typeof database.makeUser> {
  const user = await database.makeUser()
  await database.admin.query(`CREATE TABLE ${user.dbname}.orders (id int AUTO_INCREMENT PRIMARY KEY, item varchar(100) NOT NULL)`)
  return user
}

describeOrms(
  { ...mysqlWorld(database), makeUser },
  {
    mysql2: () => import('../../../examples/mysql2/index.js'),
    mariadb: () => import('../../../examples/mariadb/index.js'),
    Drizzle: () => import('../../../examples/drizzle/mysql.js'),
    Kysely: () => import('../../../examples/kysely/mysql.js'),
    Knex: () => import('../../../examples/knex/mysql.js'),
    MikroORM: () => import('../../../examples/mikro-orm/mysql.js'),
    Objection: () => import('../../../examples/objection/mysql.js'),
    'the adapter of Prisma': async () =>
      throughAdapter(await import('../../../examples/prisma/mysql.js'), { placeholder: '?', sqlEnds: false }),
    Sequelize: () => import('../../../examples/sequelize/mysql.js'),
    TypeORM: () => import('../../../examples/typeorm/mysql.js'),
    'a pool that TypeORM has made': () => import('../../../examples/typeorm/attach-mysql.js'),
  },
)
