import { expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'
import { callEvent, nativeEvent, serviceEvent } from '../../support/rotation-events.js'

const name = 'rds!cluster-6f2b8a1c-3d4e-4f5a-9b6c-7d8e9f0a1b2c'

interface Scene {
  cache: SecretCache
  arn: string
  /** Makes the next version current, behind the cache's back, and returns its id. */
  rotate: () => string
}

/** A cache that holds a secret which AWS manages. */
async function scene(): Promise<Scene> {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock, region: 'eu-central-1', accountId: '111122223333' })
  const { arn } = fake.create(name, { username: 'admin', password: 'one' })
  const cache = new SecretCache({ source: fake.source(), clock })
  await cache.getSecretString(name)
  return { cache, arn, rotate: () => fake.rotate(name).detail.versionId }
}

it.each<[string, (secret: { arn: string; versionId: string }) => unknown]>([
  ['the native event', ({ arn, versionId }) => ({ ...nativeEvent({ name, versionId }), resources: [arn] })],
  [
    'a rotation that CloudTrail recorded',
    ({ arn, versionId }) =>
      serviceEvent('RotationSucceeded', { additionalEventData: { SecretId: arn }, requestID: `Rotation-${arn}-${versionId}` }),
  ],
  [
    'a rotation whose secret stands in serviceEventDetails',
    ({ arn }) => serviceEvent('RotationSucceeded', { additionalEventData: null, serviceEventDetails: { secretId: arn } }),
  ],
  [
    'a call that names the secret',
    ({ versionId }) => callEvent('PutSecretValue', { secretId: name, clientRequestToken: versionId }),
  ],
  [
    'a call that names the ARN',
    ({ arn, versionId }) =>
      callEvent('UpdateSecretVersionStage', { secretId: arn, versionStage: 'AWSCURRENT', moveToVersionId: versionId }),
  ],
  ['a call whose answer names the ARN', ({ arn }) => callEvent('UpdateSecret', null, { responseElements: { arn, name } })],
])('%s refreshes a secret that AWS manages', async (_, eventOf) => {
  const { cache, arn, rotate } = await scene()
  const versionId = rotate()
  expect(await cache.handleRotationEvent(eventOf({ arn, versionId }))).toMatchObject([{ outcome: 'refreshed', versionId }])
  expect(cache.peek(name)?.versionId).toBe(versionId)
})

it.each<[string, (arn: string) => string]>([
  ['its name', () => name],
  ['its ARN', arn => arn],
  ['its ARN and a field', arn => `${arn}:password::`],
  ['CloudFormation', () => `{{resolve:secretsmanager:${name}:SecretString:password}}`],
])('a secret that AWS manages is referred to by %s', async (_, referenceOf) => {
  const { cache, arn } = await scene()
  expect(await cache.resolve(referenceOf(arn))).toContain('one')
})
