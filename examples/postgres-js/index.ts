// postgres.js has no hook for the user name of a connection: the client is replaced as a whole.
import { DatabaseSecret, SecretCache } from 'awscurrent'
import { isAuthError } from 'awscurrent/pg'
import { createSwap } from 'awscurrent/swap'
import postgres from 'postgres'

const secretId = process.env.SECRET_ID ?? 'prod/db'
export const secrets: SecretCache = new SecretCache()

const swap = createSwap({
  cache: secrets,
  secretId,
  create(secret) {
    const { username, password, host = 'localhost', port = 5432, dbname = username } = secret.json(DatabaseSecret)
    return postgres({ host, port, username, password, database: dbname, max: 10 })
  },
  verify: sql => sql`SELECT 1`,
  drain: sql => sql.end(),
  isAuthError,
})
swap.on('credentials', ({ versionId }) => console.log(`${secretId}: version ${versionId}`))
swap.on('refused', ({ reason }) => console.warn(reason))

/** A transaction is one call of `use`: it ends on the client that it began on. */
export function addOrder(article: string): Promise<number> {
  return swap.use(sql =>
    sql.begin(async transaction => {
      await transaction`INSERT INTO orders (article) VALUES (${article})`
      const [row] = await transaction<{ n: number }[]>`SELECT count(*)::int AS n FROM orders`
      return row?.n ?? 0
    }),
  )
}

/** For the end of the process. */
export async function close(): Promise<void> {
  await swap.close()
  await secrets.close()
}
