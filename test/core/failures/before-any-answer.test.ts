import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { failureFrom } from '../../../src/core/failures/failure.js'
import { loadPeer, MissingPeerError } from '../../../src/core/failures/peer.js'
import { SecretCache, type SecretCacheErrorCode, type SecretCacheOptions } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { rejectionOf } from '../../support/rejection.js'
import { startScript } from '../../support/typescript-process.js'

const id = 'prod/db'
const planted = 'planted-7d1f'
const config = 'ERR_SECRET_CONFIG'
const credentials = 'ERR_SECRET_CREDENTIALS'

function named(name: string, message: string, fields: object = {}): Error {
  return Object.assign(new Error(message), { name, ...fields })
}

describe('the words of what failed before any answer are repeated', () => {
  it.each<[string, Error, SecretCacheErrorCode, RegExp]>([
    [
      'an SSO session that is over',
      named('CredentialsProviderError', 'The SSO session associated with this profile has expired. Run aws sso login.'),
      credentials,
      /aws sso login/,
    ],
    [
      'an SSO session that the portal does not know',
      named('CredentialsProviderError', 'UnauthorizedException: Session token not found or invalid'),
      credentials,
      /aws sso login/,
    ],
    ['a profile that is not there', named('CredentialsProviderError', 'Profile x was not found.'), credentials, /AWS_PROFILE/],
    ['a token that is not there', named('TokenProviderError', 'Could not load token from any providers'), credentials, /role/],
    [
      'an instance without a metadata service',
      named('ProviderError', 'Unable to connect to instance metadata service', { code: 'ECONNREFUSED' }),
      credentials,
      /role/,
    ],
    [
      'metadata of version 1 that is switched off',
      named('InstanceMetadataV1FallbackError', 'AWS EC2 Metadata v1 fallback has been blocked'),
      credentials,
      /role/,
    ],
    ['a Region that nobody named', new Error('Region is missing'), config, /AWS_REGION/],
    [
      'a Region that can be none',
      new Error('Region not accepted: region="x y" is not a valid hostname component.'),
      config,
      /AWS_REGION/,
    ],
    [
      'endpoints that exclude each other',
      named('EndpointError', 'Invalid Configuration: FIPS and custom endpoint are not supported'),
      config,
      /AWS_USE_FIPS_ENDPOINT/,
    ],
    ['a bundle without require', new Error('Dynamic require of "node:https" is not supported'), config, /bundle/],
    [
      'a bundle without a package',
      named('Error', "Cannot find module '@aws-sdk/credential-provider-sso'", { code: 'MODULE_NOT_FOUND' }),
      config,
      /bundle/,
    ],
  ])('%s', (_, thrown, code, hint) => {
    const failed = failureFrom(thrown)
    expect(failed).toMatchObject({ code, kind: 'transient', waitingHelps: false, hint: expect.stringMatching(hint) })
    expect(failed.cause.message).toBe(thrown.message)
  })

  it.each<[string, Error, string]>([
    ['a connection', named('Error', 'connect ETIMEDOUT 10.0.0.1:443', { code: 'ETIMEDOUT' }), 'connect ETIMEDOUT 10.0.0.1:443'],
    ['a name', named('Error', 'getaddrinfo ENOTFOUND nowhere', { code: 'ENOTFOUND' }), 'getaddrinfo ENOTFOUND nowhere'],
    ['a reset', named('TimeoutError', 'socket hang up', { code: 'ECONNRESET' }), 'socket hang up'],
    [
      'a certificate',
      named('Error', 'self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      'self-signed certificate',
    ],
    [
      'the first of several addresses',
      new AggregateError([named('Error', 'connect ECONNREFUSED ::1:443', { code: 'ECONNREFUSED' })], ''),
      'connect ECONNREFUSED ::1:443',
    ],
    [
      'what fetch hides',
      new TypeError('fetch failed', { cause: named('Error', 'connect ECONNREFUSED ::1:443', { code: 'ECONNREFUSED' }) }),
      'connect ECONNREFUSED ::1:443',
    ],
  ])('those of the system, too: %s', (_, thrown, said) => {
    const failed = failureFrom(thrown)
    expect(failed).toMatchObject({ kind: 'transient', waitingHelps: true })
    expect(failed.cause.message).toBe(said)
  })
})

describe('not so', () => {
  it.each<[string, unknown]>([
    ['an unknown error', new Error(planted)],
    ['one that begins like a code', new Error(`ERROR ${planted}`)],
    ['one that has a code, and other words', named('Error', planted, { code: 'ECONNREFUSED' })],
    ['one whose code the system does not have', named('Error', `connect EPLANTED ${planted}`, { code: 'EPLANTED' })],
    ['one that had an answer', named('ProviderError', planted, { $metadata: { httpStatusCode: 200 } })],
    ['one that had an answer without a status', named('EndpointError', planted, { $response: {} })],
    ['a socket error that had an answer', named('E', `read ECONNRESET ${planted}`, { code: 'ECONNRESET', $response: {} })],
    ['one that quotes what was no JSON', named('CredentialsProviderError', `SyntaxError: Unexpected token in ${planted}`)],
    ['one that quotes it without saying so', named('CredentialsProviderError', `"${planted}" is not valid JSON`)],
    ['a message that is none', named('ProviderError', '', { message: { planted } })],
  ])('%s', (_, thrown) => {
    expect(failureFrom(thrown).cause.message).not.toContain(planted)
  })
})

it.each(['AccessDenied', 'AccessDeniedException'])('a role that could not be assumed is a matter of credentials: %s', name => {
  const said = 'User: arn:aws:iam::1:user/a is not authorized to perform: sts:AssumeRole on resource: r'
  expect(failureFrom(named(name, said))).toMatchObject({ code: credentials, kind: 'transient', cause: { message: said } })
})

it.each(['InvalidIdentityToken', 'IDPRejectedClaimException'])('so is a web identity that STS rejects: %s', name => {
  expect(failureFrom(named(name, 'said'))).toMatchObject({ code: credentials, cause: { message: 'said' }, hint: /issuer/ })
})

describe('a package that is missing', () => {
  it('is said to be, with how to install it', () => {
    expect(failureFrom(new MissingPeerError('some-package'))).toMatchObject({
      code: config,
      waitingHelps: false,
      hint: 'npm install some-package',
      cause: { message: 'The package some-package is not installed.' },
    })
  })

  it('is named by Node if it is one that the peer needs', async () => {
    const thrown = named('Error', "Cannot find package 'another' imported from /x.js", { code: 'ERR_MODULE_NOT_FOUND' })
    const failed = failureFrom(await loadPeer('some-package', () => Promise.reject(thrown)).catch((error: unknown) => error))
    expect(failed).toMatchObject({ code: config, cause: { message: thrown.message } })
  })
})

describe('what waiting does not mend', () => {
  const thrown = named('CredentialsProviderError', 'none')
  let clock: ManualClock
  let asked: number[]

  /** A cache whose source fails from `fails` on. */
  function cacheOf(isFailing: () => boolean, error: Error = thrown): SecretCache {
    const get = async (): Promise<object> => {
      asked.push(clock.now())
      if (isFailing()) throw error
      return { arn: 'a', name: id, versionId: 'v', versionStages: [], string: 'one' }
    }
    const options = { clock, ttlMs: 1_000, ttlJitter: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 60_000 }
    return new SecretCache({ source: { singleAttempt: true, get: get as never }, ...options })
  }

  beforeEach(() => {
    clock = new ManualClock()
    asked = []
    // The longest pauses there are.
    vi.spyOn(Math, 'random').mockReturnValue(0)
  })

  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('is tried again for a second, and then fails the read', async () => {
    const cache = cacheOf(() => true)
    const startedAt = clock.now()
    const failed = rejectionOf(cache.getSecretString(id))
    await clock.advance(1_000)
    expect(await failed).toMatchObject({ code: credentials, message: expect.stringContaining(': none.') })
    expect(asked.map(at => at - startedAt)).toEqual([0, 200, 600])
  })

  it('may be over within that second', async () => {
    const cache = cacheOf(() => asked.length < 3)
    const reading = cache.getSecretString(id)
    await clock.advance(600)
    expect(await reading).toBe('one')
  })

  it.each([
    ['credentials', thrown],
    ['the Region', new Error('Region is missing')],
  ])('lets what is held be served: %s', async (_, error) => {
    let isFailing = false
    const cache = cacheOf(() => isFailing, error)
    await cache.getSecretString(id)
    isFailing = true
    await clock.advance(30_000)
    expect(await cache.getSecretString(id)).toBe('one')
    expect(cache.stats()).toMatchObject({ failures: 1, staleServed: 1 })
  })
})

describe('by the client that the cache makes', () => {
  let folder: string
  const sso = 'sso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = r'

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'awscurrent-config-'))
    const old = `[profile old]\nsso_start_url = https://example.awsapps.com/start\n${sso}`
    writeFileSync(join(folder, 'config'), `${old}\n[profile incomplete]\nregion = eu-west-1\n`)
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  beforeEach(() => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION', 'AWS_DEFAULT_REGION'])
      vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'))
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  })

  afterEach(() => {
    vi.unstubAllEnvs()
  })

  const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
  const region = 'eu-west-1'
  it.each<[string, Record<string, string>, SecretCacheOptions, SecretCacheErrorCode, string]>([
    ['no credentials', {}, { region }, credentials, 'Could not load credentials from any providers'],
    ['a profile that is not there', { AWS_PROFILE: 'nobody' }, { region }, credentials, 'Could not load credentials'],
    ['an SSO session that is over', { AWS_PROFILE: 'old' }, { region }, credentials, 'aws sso login'],
    [
      'a token file that is missing',
      { AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere/token', AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/x' },
      { region },
      credentials,
      "ENOENT: no such file or directory, open '/nowhere/token'",
    ],
    ['no Region', keys, {}, config, 'Region is missing'],
    ['a Region that can be none', keys, { region: 'eu west' }, config, 'Region not accepted: region="eu west"'],
    ['an endpoint where nobody listens', { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, { region }, config, 'ECONNREFUSED'],
  ])('%s is told in the words of the SDK, in one load', async (_, env, options, code, said) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    const cache = new SecretCache(options)
    const error = await rejectionOf(cache.getSecretString(id))
    expect(error).toMatchObject({ code, secretId: id, hint: expect.stringMatching(/./) })
    expect(error.message).toContain(said)
    expect(cache.stats()).toMatchObject({ loads: 1, failures: 1 })
    await cache.close()
  })

  it('an instance metadata service that swallows everything is asked once', async () => {
    let connections = 0
    const silent = createServer(socket => {
      connections += 1
      socket.resume()
      socket.on('error', () => {})
    })
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', undefined)
    vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', `http://127.0.0.1:${port}`)
    const cache = new SecretCache({ region })
    expect(await rejectionOf(cache.getSecretString(id))).toMatchObject({ code: credentials })
    // For a token, and without one.
    expect(connections).toBe(2)
    await cache.close()
    await new Promise(resolve => silent.close(resolve))
  })

  it('a bundle of ES modules that has no require says so, and with what to do', async () => {
    const { ended } = await startScript(
      `import { SecretCache } from 'awscurrent'
       const cache = new SecretCache({ region: 'eu-west-1' })
       for (const id of ['a', 'b']) console.log(await cache.getSecretString(id).catch(({ code, message }) => code + ' ' + message))`,
      keys,
      { hasRequire: false },
    )
    const { stdout } = await ended
    const lines = stdout.trim().split('\n')
    expect(lines).toHaveLength(2)
    for (const line of lines) {
      expect(line).toContain(config)
      expect(line).toMatch(/Dynamic require of "[\w:@/-]+" is not supported\. A bundle of ES modules has no require/)
    }
  })
})
