/* global test, expect */
const { smoke } = require('./smoke.cjs')

smoke(test, 'require in Jest', async specifier => require(specifier), { withFrameworks: true })

test('a cache loads the SDK by itself in the CommonJS world of Jest', async () => {
  const { SecretCache } = require('awscurrent')
  const { FakeSecretsManager } = require('awscurrent/testing')
  const server = await new FakeSecretsManager({ secrets: { 'prod/api-key': 'open sesame' } }).listen()
  process.env.AWS_ENDPOINT_URL = server.endpoint
  const cache = new SecretCache({ region: 'eu-west-1' })
  try {
    expect(await cache.getSecretString('prod/api-key')).toBe('open sesame')
  } finally {
    await cache.close()
    await server.close()
  }
})
