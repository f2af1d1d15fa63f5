import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import pg from 'pg'

interface Credentials {
  username: string
  password: string
  versionId: string
}

/**
 * The pool that careful services have today: each new connection logs in with user and password from a cache with a TTL.
 *
 * Nothing tells it of a rotation, and it cannot know that a refused login means that its cache is old.
 */
export function openPlainPool(
  client: SecretsManagerClient,
  { ttlMs, ...options }: pg.PoolConfig & { ttlMs: number },
): { pool: pg.Pool; versionId(): string } {
  let cached: Promise<Credentials> | undefined
  let readAt = 0
  let versionId = ''

  async function read(): Promise<Credentials> {
    const { SecretString = '', VersionId = '' } = await client.send(new GetSecretValueCommand({ SecretId: 'prod/db' }))
    versionId = VersionId
    return { ...JSON.parse(SecretString), versionId: VersionId }
  }

  function credentials(): Promise<Credentials> {
    if (cached === undefined || Date.now() - readAt >= ttlMs) {
      readAt = Date.now()
      cached = read()
      cached.catch(() => {
        cached = undefined
      })
    }
    return cached
  }

  class Client extends pg.Client {
    override connect(): Promise<pg.Client>
    override connect(callback: (error: Error) => void): void
    override connect(callback?: (error: Error) => void): Promise<pg.Client> | undefined {
      const connected = credentials().then(({ username, password }) => {
        Object.assign(this, { user: username, password })
        Object.assign(Reflect.get(this, 'connectionParameters') as object, { user: username, password })
        return super.connect() as Promise<unknown>
      })
      connected.then(() => callback?.(undefined as never), callback)
      return callback === undefined ? connected.then(() => this) : undefined
    }
  }

  const pool = new pg.Pool({ ...options, Client } as pg.PoolConfig)
  pool.on('error', () => {})
  return { pool, versionId: () => versionId }
}
