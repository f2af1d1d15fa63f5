// The credentials of a MongoClient stay what they were: the client is replaced as a whole.
import { DatabaseSecret, SecretCache } from 'awscurrent'
import { createSwap } from 'awscurrent/swap'
import { MongoClient, MongoError } from 'mongodb'

export const secrets: SecretCache = new SecretCache()

const swap = createSwap({
  cache: secrets,
  secretId: process.env.SECRET_ID ?? 'prod/db',
  create(secret) {
    const { username, password, host = 'localhost', port = 27017, ssl = false } = secret.json(DatabaseSecret)
    return new MongoClient(`mongodb://${host}:${port}`, { auth: { username, password }, tls: ssl, maxPoolSize: 10 })
  },
  verify: client => client.db().command({ ping: 1 }),
  drain: client => client.close(),
  isAuthError,
})
swap.on('refused', ({ reason }) => console.warn(reason))

/** AuthenticationFailed. Who waits for a connection at that moment gets it as the cause of another error. */
function isAuthError(error: unknown): boolean {
  return error instanceof MongoError && (error.code === 18 || isAuthError(error.cause))
}

/** A session with its transactions is one call of `use`: it ends on the client that it began on. */
export async function placeOrder(item: string): Promise<void> {
  await swap.use(client => client.db('shop').collection('orders').insertOne({ item }))
}

export function countOrders(item: string): Promise<number> {
  return swap.use(client => client.db('shop').collection('orders').countDocuments({ item }))
}

/** For the end of the process. */
export async function close(): Promise<void> {
  await swap.close()
  await secrets.close()
}
