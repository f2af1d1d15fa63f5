import type { OrmExample } from './orm-behaviours.js'

/** A statement with arguments that are all strings. */
interface Statement {
  sql: string
  args: string[]
  argTypes: { scalarType: 'string'; arity: 'scalar' }[]
}

interface Transaction {
  executeRaw(statement: Statement): Promise<unknown>
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** As much of an adapter as the client of Prisma uses. */
interface Adapter {
  connect(): Promise<{
    queryRaw(statement: Statement): Promise<{ rows: unknown[][] }>
    startTransaction(): Promise<Transaction>
    dispose(): Promise<void>
  }>
}

/** Does with an adapter what the client of Prisma does. `sqlEnds` tells whether the client itself sends COMMIT and ROLLBACK. */
export async function throughAdapter(
  { adapter, ...example }: Pick<OrmExample, 'secrets' | 'close'> & { adapter: Adapter },
  { placeholder, sqlEnds }: { placeholder: string; sqlEnds: boolean },
): Promise<OrmExample> {
  const connection = await adapter.connect()
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
        await transaction.executeRaw(statement(`INSERT INTO orders (item) VALUES (${placeholder})`, item))
        if (sqlEnds) await transaction.executeRaw(statement('COMMIT'))
        await transaction.commit()
      } catch (error) {
        if (sqlEnds) await transaction.executeRaw(statement('ROLLBACK'))
        await transaction.rollback()
        throw error
      }
    },
    async countOrders(item) {
      const { rows } = await connection.queryRaw(statement(`SELECT count(*) FROM orders WHERE item = ${placeholder}`, item))
      return Number(rows[0]?.[0])
    },
    async close() {
      await connection.dispose()
      await example.close()
    },
  }
}
