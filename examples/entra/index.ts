// A pool of pg for Azure Database for PostgreSQL that logs in with tokens of Microsoft Entra ID.
import { credentialsFrom, type LoginSource } from 'awscurrent/iam'
import { createPool } from 'awscurrent/pg'
import pg from 'pg'

/** A credential of `@azure/identity`, such as `new DefaultAzureCredential()`. */
export interface TokenCredential {
  getToken(scope: string, options: { abortSignal: AbortSignal }): Promise<{ token: string; expiresOnTimestamp: number }>
}

/** The same for all databases of Azure. */
const scope = 'https://ossrdbms-aad.database.windows.net/.default'

export function entraLogins(credential: TokenCredential, username: string): LoginSource {
  return credentialsFrom({
    requiresTls: true,
    async get({ signal }) {
      const { token, expiresOnTimestamp } = await credential.getToken(scope, { abortSignal: signal })
      return { username, password: token, loginUntil: expiresOnTimestamp }
    },
  })
}

export function openPool(credential: TokenCredential, user: string, address: pg.PoolConfig): pg.Pool {
  return createPool(pg, { ...address, credentials: entraLogins(credential, user) })
}
