// A pool of pg whose users HashiCorp Vault creates and drops: each lease has a user of its own.
import { credentialsFrom, type LoginSource } from 'awscurrent/iam'
import { createPool } from 'awscurrent/pg'
import pg from 'pg'

/** What Vault answers to a read of `database/creds/<role>`. */
interface Lease {
  lease_id: string
  lease_duration: number
  data: { username: string; password: string }
}

export function vaultLogins(address: string, role: string, token: string): LoginSource {
  return credentialsFrom({
    async get({ signal }) {
      const response = await fetch(`${address}/v1/database/creds/${role}`, { headers: { 'X-Vault-Token': token }, signal })
      if (!response.ok) throw new Error(`Vault answered ${response.status}.`)
      const { lease_id, lease_duration, data } = (await response.json()) as Lease
      // The user is dropped at the end of its lease. The pool has moved to the next one before that.
      return { ...data, id: lease_id, accountUntil: Date.now() + lease_duration * 1_000 }
    },
  })
}

export function openPool(address: string, role: string, token: string, database: pg.PoolConfig): pg.Pool {
  return createPool(pg, { ...database, credentials: vaultLogins(address, role, token) })
}
