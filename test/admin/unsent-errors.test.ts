import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { putSecretValue } from '../../src/admin/index.js'
import { loadSdk } from '../../src/core/loads/sdk.js'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'

const id = 'prod/key'

let cache: SecretCache

// Its import takes time that no test spells out.
beforeAll(() => loadSdk())
beforeEach(() => {
  cache = new SecretCache({ client: new FakeSecretsManager({ secrets: { [id]: 'one' } }).client() })
})
afterEach(() => cache.close())

/** What the error of a write says that a client of another make has not carried out. */
async function hintOf(thrown: unknown): Promise<string | undefined> {
  const client = { send: () => Promise.reject(thrown) }
  return (await rejectionOf(putSecretValue(cache, id, 'two', { client }))).hint
}

const failed = (fields: object, message = 'It failed.'): Error => Object.assign(new Error(message), fields)

it.each<[string, unknown]>([
  ['an address that refuses', failed({ code: 'ECONNREFUSED' })],
  ['a name that does not resolve', failed({ code: 'ENOTFOUND' })],
  ['a resolver that does not answer', failed({ code: 'EAI_AGAIN' })],
  ['a resolver that fails otherwise', failed({ code: 'ENODATA', syscall: 'getaddrinfo' })],
  ['a connection that took too long', failed({ code: 'UND_ERR_CONNECT_TIMEOUT' })],
  ['an address that cannot be reached', failed({ code: 'EHOSTUNREACH', syscall: 'connect' })],
  ['a certificate that has expired', failed({ code: 'CERT_HAS_EXPIRED' })],
  ['a certificate that nobody vouches for', failed({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })],
  [
    'a server without TLS',
    failed({ code: 'ECONNRESET' }, 'Client network socket disconnected before secure TLS connection was established'),
  ],
  ['a socket that was not connected in time', failed({}, 'It did not establish a connection with the server.')],
  ['a socket that was being connected', failed({}, 'Timeout while establishing a connection')],
  ['a cause', failed({ cause: { code: 'ECONNREFUSED' } }, 'fetch failed')],
  ['one of several addresses', failed({ errors: [{ code: 'ETIMEDOUT' }, { code: 'ECONNREFUSED' }] })],
])('a write that failed by %s was never sent', async (_, thrown) => {
  expect(await hintOf(thrown)).toMatch(/^The request was never sent, so the secret is unchanged\./)
})

const unreadable = (field: string): unknown =>
  Object.defineProperty(failed({ code: 'ECONNREFUSED' }), field, {
    get() {
      throw new Error('planted-value')
    },
  })

it.each<[string, unknown]>([
  ['nothing', undefined],
  ['no error', 'ECONNREFUSED'],
  ['a socket that hung up', failed({ code: 'ECONNRESET', syscall: 'read' }, 'socket hang up')],
  ['an answer that took too long', failed({ name: 'TimeoutError' })],
  ['a code that only looks like one', failed({ code: 'NOT_ECONNREFUSED' })],
  ['errors that are no list', failed({ errors: { code: 'ECONNREFUSED' } })],
  ['an error whose cause cannot be read', unreadable('cause')],
  ['an error whose metadata cannot be read', unreadable('$metadata')],
])('a write that failed by %s may have been carried out', async (_, thrown) => {
  expect(await hintOf(thrown)).toBe('The write may have been carried out: read the secret before you write again.')
})

it.each([
  ['CredentialsProviderError', undefined],
  ['Error', 'Region is missing'],
])('a write that lacks what every call needs, by %s %s, was never sent', async (name, message) => {
  expect(await hintOf(failed({ name }, message))).toMatch(/^The request was never sent, so the secret is unchanged\./)
})

it('a write that was throttled was sent, and was not carried out', async () => {
  expect(await hintOf(failed({ name: 'ThrottlingException' }))).toBeUndefined()
})

it('a write that was throttled after a first attempt may have been carried out', async () => {
  expect(await hintOf(failed({ name: 'ThrottlingException', $metadata: { attempts: 2 } }))).toContain('may have been carried out')
})
