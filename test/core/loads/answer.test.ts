import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretSource, type SecretValue } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { everythingVisibleIn } from '../../support/doors.js'
import { rejectionOf } from '../../support/rejection.js'

const planted = 'planted-7d1f'
const good: SecretValue = {
  arn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf',
  name: 'prod/db',
  versionId: 'v1',
  versionStages: ['AWSCURRENT'],
  string: planted,
}

let clock: ManualClock

function cacheOf(answer: unknown, allowedAccounts?: string[]): SecretCache {
  const source: SecretSource = { get: async () => answer as SecretValue }
  return new SecretCache({ source, clock, ...(allowedAccounts && { allowedAccounts }) })
}

beforeEach(() => {
  clock = new ManualClock()
})

describe('an answer', () => {
  it.each<[string, object]>([
    ['without labels', { versionStages: [] }],
    ['without a date', { createdDate: undefined }],
    ['of an empty text', { string: '' }],
    ['of no bytes', { string: undefined, binary: new Uint8Array() }],
    ['with more than is asked for', { more: 'x' }],
  ])('%s is taken', async (_, change) => {
    const secret = await cacheOf({ ...good, ...change }).getSecret('prod/db')
    expect(secret.versionId).toBe('v1')
  })

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'a secret'],
    ['null', null, 'a secret'],
    ['a text', planted, 'a secret'],
    ['without an ARN', { ...good, arn: undefined }, 'an ARN'],
    ['with an empty ARN', { ...good, arn: '' }, 'an ARN'],
    ['without a name', { ...good, name: { planted } }, 'a name'],
    ['without a version', { ...good, versionId: 5 }, 'a version id'],
    ['with labels that are none', { ...good, versionStages: planted }, 'staging labels'],
    ['with a label that is none', { ...good, versionStages: [{ planted }] }, 'staging labels'],
    ['of neither text nor bytes', { ...good, string: undefined }, 'either text or bytes'],
    ['of text and bytes', { ...good, binary: Buffer.from(planted) }, 'either text or bytes'],
    ['of a text that is none', { ...good, string: [planted] }, 'either text or bytes'],
    ['of bytes that are none', { ...good, string: undefined, binary: planted }, 'either text or bytes'],
    ['with a date that is none', { ...good, createdDate: '2030-01-01' }, 'a date'],
  ])('%s cannot be used: it is said what is wrong and not what it is, and reads pause', async (_, answer, lacks) => {
    const cache = cacheOf(answer)
    const error = await rejectionOf(cache.getSecretString('prod/db'))
    expect(error).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE', secretId: 'prod/db' })
    await rejectionOf(cache.getSecretString('prod/db'))
    expect(cache.stats()).toMatchObject({ loads: 1, failures: 1 })
    expect(everythingVisibleIn(error)).not.toContain(planted)
    expect(error.message).toContain(lacks)
  })
})

describe('allowedAccounts', () => {
  it.each(['prod/db', good.arn])('lets a secret of such an account through, read by %s', async secretId => {
    expect(await cacheOf(good, ['123456789012', '210987654321']).getSecretString(secretId)).toBe(planted)
  })

  it.each([
    ['another account', good.arn, 'account 123456789012'],
    ['no account that can be told', 'not-an-arn', 'account unknown'],
  ])('refuses one of %s, and says how to allow it', async (_, arn, said) => {
    const error = await rejectionOf(cacheOf({ ...good, arn }, ['210987654321']).getSecretString('prod/db'))
    expect(error).toMatchObject({ code: 'ERR_SECRET_ACCOUNT', hint: expect.stringContaining('allowedAccounts') })
    expect(error.message).toContain(said)
    expect(everythingVisibleIn(error)).not.toContain(planted)
  })
})
