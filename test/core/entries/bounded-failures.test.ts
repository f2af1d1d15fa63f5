import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { labelMoved } from '../../support/rotation-events.js'

const maxEntries = 10
const ids = Array.from({ length: 100 }, (_, number) => `secret/${number}`)

let clock: ManualClock
let client: AwsClientStub<SecretsManagerClient>
let failing: boolean

function arnOf(id: string): string {
  return `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${id}-AbCdEf`
}

/** How many of the secrets the cache still knows: an event about one that it doesn't is ignored. */
async function known(cache: SecretCache): Promise<number> {
  let count = 0
  for (const id of ids) {
    const event = { arn: arnOf(id), name: id, versionId: 'v1', id: `event about ${id}`, at: Date.UTC(2030, 0, 1, 1) }
    const handled = cache.handleRotationEvent(labelMoved(event))
    await clock.advance(10_000)
    const [result] = await handled
    if (result?.reason !== 'unknown secret') count += 1
  }
  return count
}

beforeEach(() => {
  clock = new ManualClock()
  failing = true
  client = mockClient(SecretsManagerClient)
  client.on(GetSecretValueCommand).callsFake(({ SecretId, VersionStage }) => {
    if (failing) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' })
    return { ARN: arnOf(SecretId), Name: SecretId, VersionId: 'v1', VersionStages: [VersionStage], SecretString: 'one' }
  })
})

afterEach(() => client.restore())

/** What comes between the first attempt of a load, which fails, and the second. */
const between: [string, (cache: SecretCache, id: string) => void][] = [
  ['nothing', () => {}],
  ['the secret is invalidated', (cache, id) => cache.invalidate(id)],
  ['one that nobody reads is invalidated', cache => cache.invalidate('nobody/reads-this')],
  ['one that nobody reads is deleted', cache => cache.delete('nobody/reads-this')],
  ['the secret is deleted', (cache, id) => cache.delete(id)],
]

describe.each(between)('where a first attempt failed and %s', (_, happens) => {
  it.each([
    ['succeeds', false],
    ['fails', true],
  ])('no more secrets than maxEntries are known after the next one %s', async (__, fails) => {
    const cache = new SecretCache({ region: 'eu-west-1', clock, maxEntries })
    for (const id of ids) {
      failing = true
      const read = cache.getSecretString(id).catch(() => {})
      await clock.advance(50)
      happens(cache, id)
      failing = fails
      await clock.advance(10_000)
      await read
    }
    expect(cache.stats().entries).toBeLessThanOrEqual(maxEntries)
    expect(await known(cache)).toBeLessThanOrEqual(maxEntries)
  })
})
