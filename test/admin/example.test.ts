import { expect, it, onTestFinished, vi } from 'vitest'
import { createRotationHandler } from '../../src/rotation/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'

it('the example rotates the secret that an event names, over HTTP and by the real SDK', async () => {
  const fake: FakeSecretsManager = new FakeSecretsManager({
    secrets: { 'prod/key': 'leaked' },
    rotation: event => rotate(event),
  })
  const rotate = createRotationHandler({
    client: fake.client(),
    engine: { createSecret: () => 'safe again', setSecret() {}, testSecret() {} },
  })
  fake.perform('RotateSecret', {
    SecretId: 'prod/key',
    RotationLambdaARN: 'arn:aws:lambda:eu-west-1:123456789012:function:rotate',
    RotateImmediately: false,
  })
  await fake.idle()
  const server = await fake.listen()
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(async () => {
    log.mockRestore()
    vi.unstubAllEnvs()
    await server.close()
  })
  vi.stubEnv('AWS_REGION', fake.region)
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', server.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example')

  const { handler } = await import('../../examples/emergency-reset/index.js')
  const { secretId, versionId } = await handler({ detail: { secretId: 'prod/key' } })
  expect(secretId).toContain('prod/key')
  expect(fake.perform('GetSecretValue', { SecretId: 'prod/key' })).toMatchObject({
    SecretString: 'safe again',
    VersionId: versionId,
  })
  expect(JSON.stringify(log.mock.calls)).not.toContain('safe again')
})
