import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import type { DatabaseFields } from '../rotating.js'
import type { Setting } from './contestant.js'

/** Reads the secret as one does without a cache. */
export async function readUser({ client, secretId }: Setting): Promise<DatabaseFields> {
  const { SecretString } = (await client.send(new GetSecretValueCommand({ SecretId: secretId }))) as { SecretString?: string }
  return JSON.parse(String(SecretString)) as DatabaseFields
}

/** Reads the secret again when `ttlMs` is over, as is often written by hand. */
export function cachedUser(setting: Setting): () => Promise<DatabaseFields> {
  const { ttlMs = 300_000 } = setting
  let user: Promise<DatabaseFields> | undefined
  let readAt = 0
  return () => {
    if (user === undefined || Date.now() > readAt + ttlMs) {
      user = readUser(setting)
      readAt = Date.now()
    }
    return user
  }
}
