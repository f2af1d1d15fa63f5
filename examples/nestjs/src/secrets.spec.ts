import { TerminusModule } from '@nestjs/terminus'
import { Test, type TestingModule } from '@nestjs/testing'
import { AwscurrentModule, getSecretToken } from 'awscurrent/nest'
import { FakeSecretsManager, ManualClock } from 'awscurrent/testing'
import { HealthController } from './health.controller'
import { KeyController } from './key.controller'
import { SecretsHealth } from './secrets.health'

let clock: ManualClock
let fake: FakeSecretsManager
let app: TestingModule

beforeEach(async () => {
  clock = new ManualClock()
  fake = new FakeSecretsManager({
    clock,
    secrets: { 'prod/api-key': 'one', 'prod/db': { username: 'app', password: 'pl4nted' } },
  })
  app = await Test.createTestingModule({
    imports: [AwscurrentModule.forRoot({ client: fake.client(), clock }), TerminusModule.forRoot({ logger: false })],
    controllers: [KeyController, HealthController],
    providers: [SecretsHealth],
  }).compile()
  await app.init()
})

afterEach(() => app.close())

it('reads the new key when it has rotated and the TTL has ended', async () => {
  const key = app.get(KeyController)
  expect(await key.describe()).toMatchObject({ length: 3 })
  fake.rotate('prod/api-key', 'three')
  await clock.advance(360_000)
  expect(await key.describe()).toMatchObject({ length: 5 })
  expect(fake.count('GetSecretValue')).toBe(2)
})

it('stays ready in an outage with the last known good values', async () => {
  const health = app.get(HealthController)
  expect((await health.ready()).status).toBe('ok')
  fake.inject({ error: 'InternalServiceError' })
  await clock.advance(3_600_000)
  expect((await health.ready()).status).toBe('ok')
})

it('is not ready once a secret is gone, says why, shows no value, and lives on', async () => {
  const health = app.get(HealthController)
  expect((await health.ready()).status).toBe('ok')
  fake.perform('DeleteSecret', { SecretId: 'prod/api-key', ForceDeleteWithoutRecovery: true })
  await clock.advance(360_000)
  const { response } = await health.ready().catch(error => error)
  expect(response).toMatchObject({
    status: 'error',
    error: { secrets: { status: 'down', reason: expect.stringMatching(/^prod\/api-key: denied .* nothing can be served\./) } },
  })
  expect(JSON.stringify(response)).not.toContain('pl4nted')
  expect((await health.live()).status).toBe('ok')
})

it('replaces one secret, where a test needs no service', async () => {
  const module = await Test.createTestingModule({
    imports: [AwscurrentModule.forRoot()],
    controllers: [KeyController],
  })
    .overrideProvider(getSecretToken('prod/api-key'))
    .useValue({ get: async () => ({ versionId: 'of-the-test', text: () => 'secret' }) })
    .compile()
  expect(await module.get(KeyController).describe()).toEqual({ versionId: 'of-the-test', length: 6 })
  await module.close()
})
