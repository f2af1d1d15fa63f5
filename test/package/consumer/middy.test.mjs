import assert from 'node:assert/strict'
import test from 'node:test'
import middy6 from '@middy/core'
import { createLambdaCache, secretsMiddleware } from 'awscurrent/lambda'
import { FakeSecretsManager } from 'awscurrent/testing'
import middy7 from 'middy-7'

for (const [version, middy] of [
  [6, middy6],
  [7, middy7],
]) {
  test(`with middy ${version}, a secret is there when the handler begins and no load runs when it has ended`, async () => {
    const fake = new FakeSecretsManager({ secrets: { 'prod/api-key': 'open sesame', other: 'one' } })
    const secrets = createLambdaCache({ secrets: ['prod/api-key'], source: fake.source() })
    let loaded = 0
    secrets.on('loaded', () => {
      loaded += 1
    })
    const handler = middy()
      .use(secretsMiddleware(secrets))
      .handler(async () => {
        secrets.getSecretString('other').catch(() => {})
        return secrets.peek('prod/api-key')?.text()
      })
    fake.inject({ delayMs: 20 })
    assert.equal(await handler({}, {}), 'open sesame')
    assert.equal(loaded, 2)
  })
}
