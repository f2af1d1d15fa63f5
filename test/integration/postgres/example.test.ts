import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()

it('the example rotates by a client of its own, as it does in Lambda', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'awscurrent-example-'))
  const user = { ...(await database.makeUser()), masterarn: 'master' }
  const fake: FakeSecretsManager = new FakeSecretsManager({
    secrets: { db: user, master: { ...database.masterSecret() } },
    rotation: async event => (await import('../../../examples/rotation-lambda/index.js')).handler(event),
  })
  const server = await fake.listen()
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(async () => {
    log.mockRestore()
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
    await server.close()
  })
  const caFile = join(folder, 'global-bundle.pem')
  writeFileSync(caFile, database.server.ca)
  vi.stubEnv('CA_FILE', caFile)
  vi.stubEnv('AWS_REGION', fake.region)
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', server.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example')
  fake.perform('RotateSecret', { SecretId: 'db', RotationLambdaARN: 'arn:aws:lambda:eu-west-1:123456789012:function:rotate' })
  await fake.idle()
  expect(fake.rotations).toMatchObject([{ status: 'succeeded' }])
  const { SecretString } = fake.perform('GetSecretValue', { SecretId: 'db' })
  const now = JSON.parse(String(SecretString))
  await expect(database.query(now, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
  expect(log.mock.calls.map(([line]) => JSON.parse(line).step)).toEqual([
    'createSecret',
    'setSecret',
    'testSecret',
    'finishSecret',
  ])
  expect(JSON.stringify(log.mock.calls)).not.toContain(now.password)
})
