import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openCache, patient, sourceOf } from './support.js'

beforeEach(() => {
  vi.stubEnv('SECRET_PROD_DB', 'of the environment')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const env = 'SECRET_'
const realArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'

it('a variable replaces a secret of the file', async () => {
  const { source } = sourceOf({ 'prod/db': 'of the file', other: 'kept' }, { env })
  expect(await source.get({ secretId: 'prod/db' }, patient)).toMatchObject({ string: 'of the environment' })
  expect(await source.get({ secretId: 'other' }, patient)).toMatchObject({ string: 'kept' })
})

it('without a prefix, no variable replaces anything', async () => {
  const { source } = sourceOf({ 'prod/db': 'of the file' })
  expect(await source.get({ secretId: 'prod/db' }, patient)).toMatchObject({ string: 'of the file' })
})

it('a secret may be in the environment only, and its ARN leads there too', async () => {
  const { source } = sourceOf({}, { env })
  for (const secretId of ['prod/db', realArn])
    expect(await source.get({ secretId }, patient)).toMatchObject({ name: 'prod/db', string: 'of the environment' })
})

it('a variable for a secret of the file is for no other name', async () => {
  const { source } = sourceOf({ 'prod/db': 'of the file' }, { env })
  await expect(source.get({ secretId: 'prod.db' }, patient)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    hint: 'Did you mean "prod/db"?',
  })
})

it('variables are read again with the file, and a change is a rotation', async () => {
  const { source } = sourceOf({ 'prod/db': 'of the file' }, { env })
  const { versionId } = await source.get({ secretId: 'prod/db' }, patient)
  vi.stubEnv('SECRET_PROD_DB', '')
  expect(await source.get({ secretId: 'prod/db' }, patient)).toMatchObject({ string: 'of the file' })
  expect(await source.get({ secretId: 'prod/db', versionStage: 'AWSPREVIOUS' }, patient)).toMatchObject({ versionId })
})

it('two secrets of the file for one variable cannot be read while it is set', async () => {
  const { source } = sourceOf({ 'prod/db': 'one', 'prod-db': 'two', other: 'three' }, { env })
  const cache = openCache(source)
  await expect(cache.getSecretString('prod-db')).rejects.toMatchObject({
    code: 'ERR_SECRET_CONFIG',
    message:
      'The secret prod-db could not be read: SECRET_PROD_DB may be meant for prod/db or prod-db. Unset the variable, or rename all but one of them.',
  })
  expect(await cache.getSecretString('other')).toBe('three')
  vi.stubEnv('SECRET_PROD_DB', undefined)
  expect(await cache.refreshNow('prod-db').then(secret => secret.text())).toBe('two')
})
