import { beforeEach, describe, expect, it } from 'vitest'
import { type RotatedEvent, SecretCache, type SecretSource, type SecretValue } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { rejectionOf } from '../../support/rejection.js'

const partialArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db'
const arn = `${partialArn}-AbCdEf`

function secretOf(name: string, suffix = 'AbCdEf'): SecretValue {
  return {
    arn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-${suffix}`,
    name,
    versionId: `version of ${name}`,
    versionStages: ['AWSCURRENT'],
    string: `value of ${name}`,
  }
}

let clock: ManualClock
/** What is answered to a request for an id. */
let answerFor: (secretId: string) => SecretValue
const source: SecretSource = { get: async ({ secretId }) => answerFor(secretId) }

beforeEach(() => {
  clock = new ManualClock()
  answerFor = secretId => secretOf(secretId)
})

describe('an answer with another secret than was asked for', () => {
  it.each([
    ['by its name', 'prod/db', secretOf('prod/api')],
    ['by its name, of which the other one is the beginning', 'prod/db', secretOf('prod/db-replica')],
    ['by a partial ARN', partialArn, secretOf('prod/api')],
    ['by a partial ARN, in another account', partialArn.replace('123456789012', '210987654321'), secretOf('prod/db')],
    ['by its ARN', arn, secretOf('prod/api')],
    ['by its ARN, made again since', arn, secretOf('prod/db', 'ZzZzZz')],
  ])('is not kept, and no reader gets it: asked for %s', async (_, secretId, other) => {
    answerFor = () => other
    const cache = new SecretCache({ source, clock })
    const { code, message } = await rejectionOf(cache.getSecretString(secretId))
    expect(code).toBe('ERR_SECRET_UNAVAILABLE')
    expect(message).toContain('The response is for another secret than was requested.')
    expect(message).not.toContain('value of')
    expect(cache.peek(secretId)).toBeUndefined()
    expect(cache.peek(other.name)).toBeUndefined()
  })

  it('ties no two names together', async () => {
    const cache = new SecretCache({ source, clock })
    const moves: RotatedEvent[] = []
    cache.on('rotated', event => moves.push(event))
    for (const id of ['prod/db', 'prod/api']) await cache.getSecretString(id)
    answerFor = () => secretOf('prod/api')
    await rejectionOf(cache.refreshNow('prod/db'))
    expect(cache.peek('prod/db')?.text()).toBe('value of prod/db')
    answerFor = secretId => secretOf(secretId)
    await cache.refreshNow('prod/db')
    expect(cache.peek('prod/db')?.text()).toBe('value of prod/db')
    expect(cache.peek('prod/api')?.text()).toBe('value of prod/api')
    expect(moves).toEqual([])
  })

  it('in a batch is no answer: the secret is then read by itself', async () => {
    const asked: string[] = []
    const batches: SecretSource = {
      async get({ secretId }) {
        asked.push(secretId)
        return secretOf(secretId)
      },
      getMany: async secretIds => ({
        values: secretIds.map(id => secretOf(id === 'secret-2' ? 'secret-2-of-another' : id)),
        errors: [],
      }),
    }
    const cache = new SecretCache({ source: batches, clock })
    const ids = ['secret-0', 'secret-1', 'secret-2', 'secret-3', 'secret-4']
    const report = await cache.warmup(ids)
    expect(report.map(({ outcome }) => outcome)).toEqual(ids.map(() => 'loaded'))
    expect(asked).toEqual(['secret-2'])
    expect(cache.peek('secret-2')?.text()).toBe('value of secret-2')
  })
})

describe('an answer with the secret that was asked for', () => {
  it.each([
    ['by a name that looks like the end of an ARN', 'prod/db-AbCdEf', secretOf('prod/db-AbCdEf', 'ZzZzZz')],
    ['by a partial ARN that looks like a full one', arn, secretOf('prod/db-AbCdEf', 'ZzZzZz')],
    ['by the ARN that it has in another Region', arn.replace('eu-west-1', 'us-east-1'), secretOf('prod/db')],
    ['by the partial ARN that it has in another Region', partialArn.replace('eu-west-1', 'us-east-1'), secretOf('prod/db')],
    ['by its name, in a store whose ARNs are others', 'prod/db', { ...secretOf('prod/db'), arn: 'vault:17' }],
  ])('is one: asked for %s', async (_, secretId, value) => {
    answerFor = () => value
    const cache = new SecretCache({ source, clock })
    expect(await cache.getSecretString(secretId)).toBe(value.string)
  })
})
