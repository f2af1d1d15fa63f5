import { randomUUID } from 'node:crypto'
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { createRotationHandler, postgres } from '../../../src/rotation/index.js'
import type { DatabaseFields } from '../../support/rotating.js'
import { useTestDatabase } from '../postgres/database.js'
import { motoClient } from './client.js'

const database = useTestDatabase()
const client = motoClient()
afterAll(() => client.destroy())

/**
 * Secrets Manager makes an empty version with AWSPENDING before it calls the function. moto makes one with a value, or none: it is
 * only told of here.
 */
function withEmptyVersion(versionId: string) {
  return {
    async send(command: never): Promise<unknown> {
      const answer = (await client.send(command)) as { VersionIdsToStages?: Record<string, string[]> }
      const { VersionIdsToStages } = answer
      if (VersionIdsToStages === undefined) return answer
      return { ...answer, RotationEnabled: true, VersionIdsToStages: { [versionId]: ['AWSPENDING'], ...VersionIdsToStages } }
    },
  }
}

async function create(fields: object): Promise<string> {
  const { ARN } = await client.send(
    new CreateSecretCommand({ Name: `prod/${randomUUID()}`, SecretString: JSON.stringify(fields) }),
  )
  return String(ARN)
}

async function read(SecretId: string): Promise<DatabaseFields & { versionId: string | undefined }> {
  const { SecretString, VersionId } = await client.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSCURRENT' }))
  return { ...JSON.parse(String(SecretString)), versionId: VersionId }
}

test.each(['single-user', 'alternating-users'] as const)('%s rotates secrets in moto, twice in a row', async strategy => {
  const user = await database.makeUser()
  const secretId = await create({ ...user, masterarn: await create(database.masterSecret()) })
  const names = strategy === 'single-user' ? [user.username, user.username] : [`${user.username}_clone`, user.username]
  for (const username of names) {
    const versionId = randomUUID()
    const engine = postgres({ pg, ca: database.server.ca })
    const handler = createRotationHandler({ strategy, engine, client: withEmptyVersion(versionId) })
    for (const Step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
      for (const RotationToken of ['first', 'again']) {
        await handler({ Step, SecretId: secretId, ClientRequestToken: versionId, RotationToken })
      }
    }
    const now = await read(secretId)
    expect(now).toMatchObject({ username, versionId })
    await expect(database.query(now, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
  }
})
