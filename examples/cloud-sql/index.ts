// A pool of pg for Cloud SQL that logs in as an IAM principal of Google Cloud, without the connector.
import { credentialsFrom, type LoginSource } from 'awscurrent/iam'
import { createPool } from 'awscurrent/pg'
import pg from 'pg'

/** A client of `google-auth-library`, such as `await new GoogleAuth({ scopes }).getClient()`, with the scope `sqlservice.login`. */
export interface AccessTokens {
  getAccessToken(): Promise<{ token?: string | null | undefined }>
  readonly credentials: { expiry_date?: number | null | undefined }
}

export function cloudSqlLogins(client: AccessTokens, username: string): LoginSource {
  return credentialsFrom({
    requiresTls: true,
    async get() {
      const { token } = await client.getAccessToken()
      return { username, password: token ?? '', loginUntil: client.credentials.expiry_date ?? undefined }
    },
  })
}

export function openPool(client: AccessTokens, user: string, address: pg.PoolConfig): pg.Pool {
  return createPool(pg, { ...address, credentials: cloudSqlLogins(client, user) })
}
