const assert = require('node:assert/strict')
const { exports: subpaths } = require('awscurrent/package.json')

const specifiers = Object.keys(subpaths)
  .filter(subpath => !subpath.endsWith('.json'))
  .map(subpath => `awscurrent${subpath.slice(1)}`)

/** Any command that Secrets Manager does not have. */
class NoSuchCommand {
  input = {}
}

/** The import paths that belong to a framework, which they import when they are loaded. */
const frameworks = { 'awscurrent/nest': '@nestjs/common' }

/** Defines the tests that hold for every way to load the package. */
exports.smoke = (test, way, load, { withFrameworks = false } = {}) => {
  for (const specifier of specifiers.filter(name => withFrameworks || !(name in frameworks))) {
    test(`${specifier} loads by ${way}`, async () => {
      assert.notEqual(Object.keys(await load(specifier)).length, 0)
    })
  }

  test(`a secret is read by a cache loaded by ${way}`, async () => {
    const { SecretCache } = await load('awscurrent')
    const answer = {
      arn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/api-key-AbCdEf',
      name: 'prod/api-key',
      versionId: '11111111-1111-4111-8111-111111111111',
      versionStages: ['AWSCURRENT'],
      string: 'open sesame',
    }
    const cache = new SecretCache({ source: { get: async () => answer } })
    try {
      assert.equal(await cache.getSecretString('prod/api-key'), 'open sesame')
    } finally {
      await cache.close()
    }
  })

  test(`an error of one entry is an instance of the class of another, loaded by ${way}`, async () => {
    const { SecretCacheError, isSecretCacheError } = await load('awscurrent')
    const { FakeSecretsManager } = await load('awscurrent/testing')
    const refused = async () => new FakeSecretsManager().client().send(new NoSuchCommand())
    await assert.rejects(refused, error => {
      assert.ok(error instanceof SecretCacheError)
      assert.ok(isSecretCacheError(error))
      assert.equal(error.code, 'ERR_FAKE_UNEXPECTED')
      return true
    })
  })
}

/** Defines the tests that hold where neither the SDK nor a framework is installed. */
exports.smokeWithoutPeers = (test, way, load) => {
  for (const [specifier, peer] of Object.entries(frameworks)) {
    test(`${specifier} without its framework names it, loaded by ${way}`, async () => {
      await assert.rejects(load(specifier), error => error.message.includes(`'${peer}'`))
    })
  }

  test(`a read without the SDK says what to install, loaded by ${way}`, async () => {
    const { SecretCache, isSecretCacheError } = await load('awscurrent')
    const cache = new SecretCache({ region: 'eu-west-1' })
    try {
      await assert.rejects(cache.getSecretString('prod/api-key'), error => {
        assert.ok(isSecretCacheError(error))
        assert.match(`${error.message} ${error.hint}`, /npm install @aws-sdk\/client-secrets-manager/)
        return true
      })
    } finally {
      await cache.close()
    }
  })
}
