import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { DeferredSource, settled } from '../../support/deferred-source.js'

const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-AbCdEf'
let source: DeferredSource
let cache: SecretCache

beforeEach(async () => {
  source = new DeferredSource()
  cache = new SecretCache({ source, clock: new ManualClock(), ttlJitter: 0 })
  const byArn = cache.getSecretString(arn)
  await (await source.request(1)).answer('v1')
  await byArn
})

/** Whose the name is, is not known until its own answer is there. */
async function whileNameIsRead(change: () => void): Promise<void> {
  const byName = cache.getSecretString('secret').catch(() => {})
  const request = await source.request(2)
  change()
  await request.answer('v1')
  await byName
  await settled()
}

describe('a name that turns out to be that of a secret which is held already', () => {
  it('shows nothing of what was held when it was deleted', async () => {
    await whileNameIsRead(() => cache.delete('secret'))
    expect([cache.peek('secret'), cache.peek(arn)]).toEqual([undefined, undefined])
  })

  it('shows nothing of what was held when it was invalidated, but keeps it for an outage', async () => {
    await whileNameIsRead(() => cache.invalidate('secret'))
    expect([cache.peek('secret'), cache.peek(arn)]).toEqual([undefined, undefined])
    const again = cache.getSecretString('secret')
    await (await source.request(3)).fail()
    expect(await again).toBe('v1')
  })

  it('tells of its rotation when a secret of the same name in another account was deleted meanwhile', async () => {
    const heard: (string | undefined)[] = []
    cache.on('rotated', ({ previousVersionId, versionId }) => heard.push(previousVersionId, versionId))
    const byName = cache.getSecretString('secret')
    const request = await source.request(2)
    cache.delete(arn.replace('123456789012', '999999999999'))
    await request.answer('v1')
    await byName
    const later = cache.getSecretString('secret')
    await (await source.request(3)).answer('v2')
    await later
    expect(heard).toEqual(['v1', 'v2'])
  })

  it('shows what was held when nothing was asked of it', async () => {
    await whileNameIsRead(() => {})
    expect(cache.peek('secret')?.versionId).toBe('v1')
  })
})
