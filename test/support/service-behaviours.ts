import { randomUUID } from 'node:crypto'
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sdkSource } from '../../src/core/loads/sdk-source.js'
import { DatabaseSecret, type RotatedEvent, SecretCache, type SecretCacheErrorCode } from '../../src/index.js'
import { describeSource, type SourceEnvironment } from '../../src/testing/index.js'

/** A Secrets Manager, as the real SDK sees it. */
export interface Service {
  readonly client: SecretsManagerClient
  /** What a stage that no version has is told by. @default ERR_SECRET_VERSION */
  readonly missingStage?: SecretCacheErrorCode
  close(): Promise<void>
}

interface Made {
  name: string
  arn: string
  versionId: string
}

/** What the cache does with a Secrets Manager: the same suite holds the fake to a service that nobody here wrote. */
export function describeService(title: string, open: () => Promise<Service>): void {
  describe(title, () => {
    let service: Service
    let client: SecretsManagerClient

    beforeAll(async () => {
      service = await open()
      client = service.client
    })
    afterAll(() => service.close())

    async function create(value: string | Uint8Array, name = `prod/${randomUUID()}`): Promise<Made> {
      const input = typeof value === 'string' ? { SecretString: value } : { SecretBinary: value }
      const { ARN = '', VersionId = '' } = await client.send(new CreateSecretCommand({ Name: name, ...input }))
      return { name, arn: ARN, versionId: VersionId }
    }

    async function put(secretId: string, value: string, stage = 'AWSCURRENT'): Promise<string> {
      const input = { SecretId: secretId, SecretString: value, VersionStages: [stage] }
      const { VersionId = '' } = await client.send(new PutSecretValueCommand(input))
      return VersionId
    }

    async function moveCurrent(secretId: string, from: string, to: string): Promise<void> {
      const input = { SecretId: secretId, VersionStage: 'AWSCURRENT', MoveToVersionId: to, RemoveFromVersionId: from }
      await client.send(new UpdateSecretVersionStageCommand(input))
    }

    it('reads text, JSON and bytes', async () => {
      const cache = new SecretCache({ client })
      const text = await create(JSON.stringify({ username: 'app', password: 'p', port: '5432' }))
      const bytes = Buffer.alloc(65_536, 7)
      const binary = await create(bytes)
      expect(await cache.getSecretJson(text.name, DatabaseSecret)).toEqual({ username: 'app', password: 'p', port: 5432 })
      expect((await cache.getSecretBinary(binary.name)).equals(bytes)).toBe(true)
    })

    it('finds one entry by name, partial ARN and full ARN', async () => {
      const cache = new SecretCache({ client })
      const { name, arn } = await create('one')
      for (const id of [name, arn, arn.slice(0, -7)]) expect(await cache.getSecretString(id)).toBe('one')
      expect(cache.stats()).toMatchObject({ loads: 1, entries: 1 })
    })

    it('reads versions by stage and by id', async () => {
      const cache = new SecretCache({ client })
      const { name, versionId } = await create('one')
      await put(name, 'two')
      expect(await cache.getSecretString(name)).toBe('two')
      expect(await cache.getSecretString(name, { versionStage: 'AWSPREVIOUS' })).toBe('one')
      expect(await cache.getSecretString(name, { versionId })).toBe('one')
    })

    it('follows a rotation by its four steps, and sees it once', async () => {
      const cache = new SecretCache({ client })
      const rotated: RotatedEvent[] = []
      cache.on('rotated', event => rotated.push(event))
      const { name, versionId: first } = await create('one')
      await cache.getSecretString(name)
      const pending = await put(name, 'two', 'AWSPENDING')
      expect((await cache.refreshNow(name)).text()).toBe('one')
      expect(await cache.getSecretString(name, { versionStage: 'AWSPENDING' })).toBe('two')
      await moveCurrent(name, first, pending)
      expect((await cache.refreshNow(name, { ifVersion: first })).text()).toBe('two')
      expect(rotated).toMatchObject([{ versionId: pending, previousVersionId: first }])
    })

    it('follows a rollback', async () => {
      const cache = new SecretCache({ client })
      const { name, versionId: first } = await create('one')
      const second = await put(name, 'two')
      await cache.getSecretString(name)
      await moveCurrent(name, second, first)
      expect((await cache.refreshNow(name)).text()).toBe('one')
    })

    it('tells a missing secret, a missing stage and a deleted secret apart', async () => {
      const cache = new SecretCache({ client })
      const { name } = await create('one')
      await expect(cache.getSecretString('prod/missing')).rejects.toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
      await expect(cache.getSecretString(name, { versionStage: 'NONE' })).rejects.toMatchObject({
        code: service.missingStage ?? 'ERR_SECRET_VERSION',
      })
      await client.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }))
      await expect(cache.getSecretString(name)).rejects.toMatchObject({ code: 'ERR_SECRET_DELETED' })
      await client.send(new RestoreSecretCommand({ SecretId: name }))
      expect((await cache.refreshNow(name)).text()).toBe('one')
    })

    it('finds a secret that was deleted and made again under its name', async () => {
      const cache = new SecretCache({ client })
      const { name } = await create('one')
      await cache.getSecretString(name)
      await client.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }))
      await create('new', name)
      expect((await cache.refreshNow(name)).text()).toBe('new')
    })

    it('warms 22 secrets by ARN with two calls, and needs one more to know whose plain names are', async () => {
      const cache = new SecretCache({ client })
      const made = await Promise.all(Array.from({ length: 21 }, (_, n) => create(`value ${n}`)))
      const report = await cache.warmup([...made.map(({ arn }) => arn), 'prod/missing'])
      expect(report.map(({ outcome }) => outcome)).toEqual([...made.map(() => 'loaded'), 'failed'])
      for (const [n, { name }] of made.entries()) expect(await cache.getSecretString(name)).toBe(`value ${n}`)
      expect(cache.stats()).toMatchObject({ hits: 20, loads: 23 })
    })

    describeSource(
      { describe, it },
      {
        title: 'the source on the SDK client',
        open: (): SourceEnvironment => ({
          source: sdkSource({ client }),
          create: (name, value) => create(value, name),
          put: async (secretId, value) => ({ versionId: await put(secretId, value) }),
          scheduleDeletion: async secretId => {
            await client.send(new DeleteSecretCommand({ SecretId: secretId }))
          },
        }),
      },
    )
  })
}
