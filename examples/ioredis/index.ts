// ioredis reads its options with each connection, so a few lines make it follow a secret. For node-redis there is awscurrent/redis.
import { SecretCache, type StandardSchema } from 'awscurrent'
import { Redis } from 'ioredis'

interface Login {
  username: string
  password: string
}

const secretId = process.env.SECRET_ID ?? 'prod/redis'
export const secrets: SecretCache = new SecretCache()

// Any schema library will do: z.object({ username: z.string(), password: z.string() }).
const schema: StandardSchema<Login> = {
  '~standard': {
    version: 1,
    vendor: 'example',
    validate(value) {
      const { username, password } = (value ?? {}) as Partial<Login>
      const isLogin = typeof username === 'string' && typeof password === 'string'
      return isLogin ? { value: { username, password } } : { issues: [{ message: 'expected username and password' }] }
    },
  },
}
const login = secrets.handle(secretId, { schema })

export const redis: Redis = new Redis({
  host: process.env.REDIS_HOST ?? 'localhost',
  port: Number(process.env.REDIS_PORT ?? 6379),
  lazyConnect: true,
})

/** New connections log in with it, and the one that is open authenticates anew. */
async function moveOver(): Promise<void> {
  const { username, password } = await login.get()
  Object.assign(redis.options, { username, password })
  if (redis.status === 'ready') await redis.call('AUTH', username, password)
}
const report = (error: Error): void => console.warn(`${secretId}: ${error.message}`)

/** Call it once, before the first command. */
export async function connect(): Promise<void> {
  await moveOver()
  login.on('rotated', () => moveOver().catch(report))
  redis.on('error', error => {
    report(error)
    // A login was refused: read the secret again; ioredis connects again by itself.
    if (error.message.startsWith('WRONGPASS')) secrets.refreshNow(secretId).then(moveOver).catch(report)
  })
  await redis.connect()
}
