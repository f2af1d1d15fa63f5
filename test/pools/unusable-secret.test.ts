import pg from 'pg'
import { expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createPool, type RefusedEvent } from '../../src/pg/index.js'
import { FakeSecretsManager, type FakeSecretValue } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'

it.each<[string, FakeSecretValue, string, string]>([
  ['without a password', { username: 'app' }, 'ERR_SECRET_SCHEMA', 'The secret db has no valid password.'],
  ['with a port that is none', { username: 'app', password: 'p', port: 'x' }, 'ERR_SECRET_SCHEMA', 'has no valid port.'],
  ['that is a connection string', 'postgres://app:p@db', 'ERR_SECRET_FORMAT', 'is not a JSON object with username and password.'],
])('the first version of a secret %s is told of once, and how to read another form', async (_, value, code, message) => {
  const fake = new FakeSecretsManager({ secrets: { db: value } })
  await using cache = new SecretCache({ client: fake.client() })
  const pool = createPool(pg, { cache, secretId: 'db' })
  const events: RefusedEvent[] = []
  pool.on('refused', event => events.push(event))
  for (let n = 0; n < 3; n += 1) {
    expect(await rejectionOf(pool.query('select 1'))).toMatchObject({
      code,
      message: expect.stringContaining(message),
      hint: 'For a secret in another form, pass the option login.',
    })
  }
  expect(events).toMatchObject([{ kind: 'other', secretId: 'db', code }])
  expect(JSON.stringify(events)).not.toContain('postgres://')
  await pool.end()
})
