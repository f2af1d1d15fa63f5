import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSecret, putSecretValue } from '../../src/admin/index.js'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'

let fake: FakeSecretsManager
let cache: SecretCache

beforeEach(() => {
  fake = new FakeSecretsManager({ secrets: { db: 'one' } })
  cache = new SecretCache({ client: fake.client() })
})
afterEach(() => cache.close())

it.each([32, 64])('a token of %i characters becomes the id of the version', async length => {
  const clientRequestToken = 'a'.repeat(length)
  expect((await putSecretValue(cache, 'db', 'two', { clientRequestToken })).versionId).toBe(clientRequestToken)
  expect((await createSecret(cache, 'new', 'one', { clientRequestToken })).versionId).toBe(clientRequestToken)
})

describe('refuses, before anything is sent,', () => {
  const labels = new TypeError('versionStages must be a list of staging labels.')
  const tags = new TypeError('tags must be texts by name.')

  it.each<[string, unknown, TypeError]>([
    [
      'a list for a token',
      { clientRequestToken: Array(32).fill('a') },
      new TypeError('clientRequestToken must be a string of 32 to 64 characters.'),
    ],
    ['no labels', { versionStages: [] }, labels],
    ['an empty label', { versionStages: ['AWSCURRENT', ''] }, labels],
    ['a label that is no text', { versionStages: ['AWSCURRENT', 7] }, labels],
    ['labels that are no list', { versionStages: { length: 1, every: () => true } }, labels],
  ])('%s', async (_, options, error) => {
    await expect(putSecretValue(cache, 'db', 'two', options as object)).rejects.toThrow(error)
    expect(fake.count()).toBe(0)
  })

  it.each<[string, unknown, TypeError]>([
    ['tags in a list', { tags: ['db'] }, tags],
    ['null for tags', { tags: null }, tags],
    ['a text for tags', { tags: 'db' }, tags],
    ['a tag that is no text', { tags: { team: 'db', port: 7 } }, tags],
    ['an empty description', { description: '' }, new TypeError('description must be a string that is not empty.')],
  ])('%s', async (_, options, error) => {
    await expect(createSecret(cache, 'new', 'one', options as object)).rejects.toThrow(error)
    expect(fake.count()).toBe(0)
  })
})

it('of a secret that is made, only what was given is sent', async () => {
  const sent: object[] = []
  const { send } = fake.client()
  const client = {
    send(command: { input: object }) {
      sent.push({ ...command.input })
      return send(command)
    },
  }
  const clientRequestToken = 'a'.repeat(32)
  await createSecret(cache, 'plain', 'one', { client, clientRequestToken })
  const given = { description: 'A key.', kmsKeyId: 'alias/mine', tags: { team: 'db' } }
  await createSecret(cache, 'full', 'one', { client, clientRequestToken, ...given })
  const plain = { Name: 'plain', SecretString: 'one', ClientRequestToken: clientRequestToken }
  const full = { Description: 'A key.', KmsKeyId: 'alias/mine', Tags: [{ Key: 'team', Value: 'db' }] }
  expect(sent.map(input => JSON.parse(JSON.stringify(input)))).toEqual([plain, { ...plain, Name: 'full', ...full }])
})
