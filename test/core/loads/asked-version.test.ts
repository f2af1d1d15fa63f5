import { beforeEach, describe, expect, it } from 'vitest'
import {
  SecretCache,
  type SecretCacheOptions,
  type SecretRequest,
  type SecretSource,
  type SecretValue,
} from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/db'
const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'

let clock: ManualClock
/** What the service answers to a request for a version. */
let answerFor: (versionId: string) => string
let asked: SecretRequest[]

const source: SecretSource = {
  async get(request): Promise<SecretValue> {
    asked.push(request)
    const versionId = request.versionId === undefined ? 'v2' : answerFor(request.versionId)
    return { arn, name: id, versionId, versionStages: ['AWSCURRENT'], string: `value of ${versionId}` }
  },
}

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source, clock, ttlJitter: 0, ...options })
}

beforeEach(() => {
  clock = new ManualClock()
  asked = []
  answerFor = versionId => versionId
})

it('a version that is asked for by id and label is another question than the one by its id alone, or with another label', async () => {
  const cache = cacheOf()
  const labels = [undefined, 'AWSPREVIOUS', 'AWSPENDING']
  for (const versionStage of [...labels, ...labels]) await cache.getSecretString(id, { versionId: 'v1', versionStage })
  expect(asked.map(({ versionStage }) => versionStage)).toEqual(labels)
})

describe('an answer with another version id than was asked for', () => {
  it.each([{ versionId: 'v1' }, { versionId: 'v1', versionStage: 'AWSCURRENT' }])(
    'is not kept, and no reader gets it (%o)',
    async options => {
      answerFor = () => 'v2'
      const cache = cacheOf()
      const { code, message } = await rejectionOf(cache.getSecretString(id, options))
      expect(code).toBe('ERR_SECRET_UNAVAILABLE')
      expect(message).toContain('The response is for another version than was requested.')
      expect(message).not.toContain('value of')
      expect(cache.peek(id, options)).toBeUndefined()
    },
  )

  it('is asked for again once the pause is over', async () => {
    answerFor = () => 'v2'
    const cache = cacheOf()
    await rejectionOf(cache.getSecretString(id, { versionId: 'v1' }))
    answerFor = versionId => versionId
    await clock.advance(1_000)
    expect(await cache.getSecretString(id, { versionId: 'v1' })).toBe('value of v1')
  })

  it('leaves the version that was there as last known good', async () => {
    const cache = cacheOf()
    expect(await cache.getSecretString(id, { versionId: 'v1' })).toBe('value of v1')
    answerFor = () => 'v2'
    await clock.advance(400_000)
    expect(await cache.getSecretString(id, { versionId: 'v1' })).toBe('value of v1')
    expect(cache.peek(id, { versionId: 'v1' })?.versionId).toBe('v1')
  })

  it('changes nothing for those who read the current version', async () => {
    const cache = cacheOf()
    const moves: string[] = []
    cache.on('rotated', ({ versionId }) => moves.push(versionId))
    await cache.getSecretString(id)
    answerFor = () => 'v3'
    await rejectionOf(cache.getSecretString(id, { versionId: 'v1' }))
    expect(cache.peek(id)?.versionId).toBe('v2')
    expect(moves).toEqual([])
  })

  it('tells no follower of a change when a pinned version is loaded again', async () => {
    const cache = cacheOf()
    const moves: string[] = []
    cache.on('rotated', ({ versionId }) => moves.push(versionId))
    await cache.getSecretString(id, { versionId: 'v1' })
    answerFor = () => 'v2'
    await clock.advance(400_000)
    await cache.getSecretString(id, { versionId: 'v1' })
    expect(moves).toEqual([])
  })
})
