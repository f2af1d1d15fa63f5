// A client of ioredis that follows a secret, and with it its duplicates: that of BullMQ which blocks, say.
import { SecretCache } from 'awscurrent'
import { attachClient, type FollowingClient } from 'awscurrent/ioredis'
import { Redis } from 'ioredis'

const secretId = process.env.SECRET_ID ?? 'prod/redis'
export const secrets: SecretCache = new SecretCache()

const client = new Redis({
  host: process.env.REDIS_HOST ?? 'localhost',
  port: Number(process.env.REDIS_PORT ?? 6379),
  lazyConnect: true,
})
client.on('error', error => console.warn(`Redis: ${error.message}`))

export const redis: FollowingClient & Redis = attachClient(client, { cache: secrets, secretId })
redis.on('refused', ({ reason }) => console.warn(reason))
