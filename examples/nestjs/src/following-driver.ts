import type { SecretCache } from 'awscurrent'
import { attachPool } from 'awscurrent/pg'
import pg from 'pg'

/** The driver for TypeORM: pg, but its pools follow a secret from the first connection on. */
export function followingDriver(cache: SecretCache, secretId: string): object {
  class Pool extends pg.Pool {
    constructor(options: pg.PoolConfig) {
      super(options)
      attachPool(this, { cache, secretId })
    }
  }
  return { ...pg, Pool }
}
