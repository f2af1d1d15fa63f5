import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import * as imported from 'awscurrent'
import { smoke, smokeWithoutPeers } from './smoke.cjs'

const load = specifier => import(specifier)
smoke(test, 'import', load)
smokeWithoutPeers(test, 'import', load)

test('an error of the CommonJS copy is recognised by the ESM copy, and the other way round', () => {
  const required = createRequire(import.meta.url)('awscurrent')
  const details = { code: 'ERR_SECRET_TIMEOUT', message: 'Too slow.' }
  assert.notEqual(imported.SecretCacheError, required.SecretCacheError)
  assert.ok(imported.isSecretCacheError(new required.SecretCacheError(details)))
  assert.ok(required.isSecretCacheError(new imported.SecretCacheError(details)))
})
