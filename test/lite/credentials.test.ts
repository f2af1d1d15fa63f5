import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { liteSource } from '../../src/lite/index.js'
import { FakeSecretsManager, type FakeServer, ManualClock } from '../../src/testing/index.js'
import { everythingVisibleIn } from '../support/doors.js'
import { rejectionOf } from '../support/rejection.js'
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.js'
import { patient, setEnv, withEnv } from './support.js'

const minute = 60_000
const planted = 'planted-7d1f'

let clock: ManualClock
let fake: FakeSecretsManager
let service: FakeServer
let wire: ScriptedServer
let container: ScriptedServer
let source: ReturnType<typeof liteSource>
/** What the container answers next: nothing at all, if there is none. */
let answer: { status: number; body: string } | undefined
/** The access key of each request to the service. */
const usedKeys = (): (string | undefined)[] =>
  wire.received.map(({ headers }) => /Credential=(\w+)\//.exec(headers.authorization ?? '')?.[1])

function credentials(accessKeyId: string, validMs: number, token = 'session'): { status: number; body: string } {
  const Expiration = new Date(clock.now() + validMs).toISOString()
  return { status: 200, body: JSON.stringify({ AccessKeyId: accessKeyId, SecretAccessKey: planted, Token: token, Expiration }) }
}

const read = (): Promise<unknown> => source.get({ secretId: 'prod/key' }, patient)

withEnv({})

beforeEach(async () => {
  clock = new ManualClock()
  fake = new FakeSecretsManager({ secrets: { 'prod/key': 'one' } })
  service = await fake.listen()
  wire = await startScriptedServer(async ({ headers, body }, response) => {
    const forwarded = { 'x-amz-target': String(headers['x-amz-target']), authorization: String(headers.authorization) }
    const passed = await fetch(service.endpoint, { method: 'POST', headers: forwarded, body })
    response.writeHead(passed.status, Object.fromEntries(passed.headers)).end(await passed.text())
  })
  container = await startScriptedServer((_, response) => {
    if (answer !== undefined) response.writeHead(answer.status).end(answer.body)
  })
  setEnv({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.url}/role?id=1` })
  source = liteSource({ region: fake.region, endpoint: wire.url, clock })
})

afterEach(async () => {
  await source.close()
  await Promise.all([service.close(), wire.close(), container.close()])
})

describe('credentials of the environment', () => {
  it('are read anew for every request, their session token too', async () => {
    setEnv({ AWS_ACCESS_KEY_ID: 'FIRST', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 'token' })
    await read()
    setEnv({ AWS_ACCESS_KEY_ID: 'SECOND', AWS_SESSION_TOKEN: undefined })
    await read()
    expect(usedKeys()).toEqual(['FIRST', 'SECOND'])
    expect(wire.received.map(({ headers }) => headers['x-amz-security-token'])).toEqual(['token', undefined])
    expect(container.received).toEqual([])
  })

  it.each(['AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'])(
    'that only the SDK can follow are refused with the way out: %s',
    async name => {
      setEnv({ [name]: 'something' })
      const error = await rejectionOf(read())
      expect(error).toMatchObject({
        code: 'ERR_SECRET_CREDENTIALS',
        message: expect.stringContaining(`${name} provides no credentials to liteSource.`),
        cause: { name: 'CredentialsProviderError' },
      })
      expect(error.hint).toContain('SecretCache of awscurrent, without a source')
      expect(container.received).toEqual([])
    },
  )

  it('are left alone beside AWS_PROFILE, as by the SDK, and the hint says so', async () => {
    setEnv({ AWS_ACCESS_KEY_ID: 'KEY', AWS_SECRET_ACCESS_KEY: 's', AWS_PROFILE: 'production' })
    const error = await rejectionOf(read())
    expect(error).toMatchObject({ code: 'ERR_SECRET_CREDENTIALS', hint: expect.stringContaining('Unset AWS_PROFILE') })
    expect(wire.received).toEqual([])
    setEnv({ AWS_PROFILE: '' })
    await read()
    expect(usedKeys()).toEqual(['KEY'])
  })

  it('go before a token of a web identity', async () => {
    setEnv({ AWS_ACCESS_KEY_ID: 'KEY', AWS_SECRET_ACCESS_KEY: 's', AWS_WEB_IDENTITY_TOKEN_FILE: '/token' })
    await read()
    expect(usedKeys()).toEqual(['KEY'])
  })

  it.each([
    ['AWS_ACCESS_KEY_ID', 'a line break at its end', `${planted}\n`],
    ['AWS_SECRET_ACCESS_KEY', 'a line break at its end', `${planted}\r\n`],
    ['AWS_SESSION_TOKEN', 'a line break within', `${planted}\r\nx-other: 1`],
    ['AWS_SESSION_TOKEN', 'a character of no code page', `${planted}✓`],
  ])('that cannot be sent are refused at once, by the name of the variable: %s with %s', async (name, _, value) => {
    setEnv({ AWS_ACCESS_KEY_ID: 'KEY', AWS_SECRET_ACCESS_KEY: 's', [name]: value })
    const error = await rejectionOf(new SecretCache({ source: { get: source.get } }).getSecretString('prod/key'))
    expect(error).toMatchObject({
      code: 'ERR_SECRET_CREDENTIALS',
      message: expect.stringContaining(`${name} contains a line break or another character`),
      cause: { name: 'CredentialsProviderError' },
    })
    expect(everythingVisibleIn(error)).not.toContain(planted)
    expect(wire.received).toEqual([])
  })

  it('that are not there at all are an error with the way out', async () => {
    setEnv({ AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined, AWS_ACCESS_KEY_ID: 'WITHOUT-ITS-SECRET' })
    expect(await rejectionOf(read())).toMatchObject({ code: 'ERR_SECRET_CREDENTIALS', hint: expect.stringContaining('AWS SDK') })
  })
})

describe("the container's credentials", () => {
  it('are asked for once by all who need them, and again five minutes before they expire', async () => {
    answer = credentials('FIRST', 30 * minute)
    await Promise.all([read(), read(), read()])
    await clock.advance(25 * minute - 1)
    await read()
    expect(container.received).toMatchObject([{ method: 'GET', path: '/role?id=1' }])
    answer = credentials('SECOND', 30 * minute)
    await clock.advance(1)
    await read()
    expect(usedKeys()).toEqual(['FIRST', 'FIRST', 'FIRST', 'FIRST', 'SECOND'])
    expect(container.received).toHaveLength(2)
    expect(wire.received[4]?.headers['x-amz-security-token']).toBe('session')
  })

  it('are used until they expire while no others come, and those are asked for once a minute', async () => {
    answer = credentials('FIRST', 30 * minute)
    await read()
    answer = { status: 500, body: planted }
    await clock.advance(25 * minute)
    await read()
    await read()
    expect(container.received).toHaveLength(2)
    await clock.advance(minute)
    await read()
    expect(container.received).toHaveLength(3)
    await clock.advance(4 * minute)
    await expect(read()).rejects.toMatchObject({ code: 'ERR_SECRET_CREDENTIALS', cause: { $metadata: { httpStatusCode: 500 } } })
    expect(usedKeys()).toEqual(['FIRST', 'FIRST', 'FIRST', 'FIRST'])
    answer = credentials('SECOND', 30 * minute)
    await read()
    expect(usedKeys().at(-1)).toBe('SECOND')
  })

  it('are asked for again after the service has called them expired', async () => {
    answer = credentials('FIRST', 30 * minute)
    await read()
    fake.inject({ error: 'ExpiredTokenException', times: 1 })
    answer = credentials('SECOND', 30 * minute)
    await expect(read()).rejects.toMatchObject({ name: 'ExpiredTokenException' })
    await read()
    expect(usedKeys()).toEqual(['FIRST', 'FIRST', 'SECOND'])
  })

  it('are kept after any other refusal of the service', async () => {
    answer = credentials('FIRST', 30 * minute)
    await read()
    fake.inject({ error: 'AccessDeniedException', times: 1 })
    await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException' })
    await read()
    expect(container.received).toHaveLength(1)
  })

  it('are shown the token, and a token of a file is read each time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'awscurrent-token-'))
    const file = join(folder, 'token')
    answer = credentials('KEY', minute)
    setEnv({ AWS_CONTAINER_AUTHORIZATION_TOKEN: 'of the variable' })
    await read()
    setEnv({ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file })
    await writeFile(file, 'first of the file\n')
    await read()
    await writeFile(file, 'second of the file')
    await read()
    await rm(folder, { recursive: true })
    expect(container.received.map(({ headers }) => headers.authorization)).toEqual([
      'of the variable',
      'first of the file',
      'second of the file',
    ])
    await expect(read()).resolves.toBeDefined()
  })

  it('are not waited for longer than two seconds', async () => {
    answer = undefined
    const reading = rejectionOf(read())
    while (container.received.length === 0) await clock.advance(0)
    await clock.advance(2_000)
    expect(await reading).toMatchObject({ code: 'ERR_SECRET_CREDENTIALS', cause: { name: 'CredentialsProviderError' } })
  })

  it('are waited for by each reader as long as it wants', async () => {
    answer = undefined
    const leaving = new AbortController()
    const impatient = source.get({ secretId: 'prod/key' }, leaving)
    const other = rejectionOf(read())
    while (container.received.length === 0) await clock.advance(0)
    leaving.abort(new Error('left'))
    await expect(impatient).rejects.toThrow('left')
    await clock.advance(2_000)
    await other
    expect(container.received).toHaveLength(1)
  })
})

describe('an answer of the container that is none rejects, and shows nothing of itself', () => {
  it.each<[string, () => { status: number; body: string }]>([
    ['HTTP 404', () => ({ status: 404, body: planted })],
    ['HTTP 200 without JSON', () => ({ status: 200, body: planted })],
    ['null', () => ({ status: 200, body: 'null' })],
    ['a key that cannot be sent', () => credentials(`${planted}\n`, minute)],
    ['a token that cannot be sent', () => credentials('KEY', minute, `${planted}✓`)],
    ['a missing member', () => ({ status: 200, body: JSON.stringify({ AccessKeyId: 'A', SecretAccessKey: planted }) })],
    [
      'a date that is none',
      () => ({ status: 200, body: credentials('A', 1).body.replace(/"Expiration":"[^"]*"/, '"Expiration":"soon"') }),
    ],
  ])('%s', async (_, make) => {
    answer = make()
    const error = await rejectionOf(read())
    expect(error.code).toBe('ERR_SECRET_CREDENTIALS')
    expect(everythingVisibleIn(error)).not.toContain(planted)
    expect(wire.received).toEqual([])
  })
})

describe('who may be asked', () => {
  it.each([
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://example.com/role'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://127.0.0.1.example.com/role'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://169.254.169.254/role'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'ftp://localhost/role'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'role'],
    ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', '@example.com/role'],
    ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', '.example.com/role'],
  ])('not %s=%s', async (name, value) => {
    setEnv({ [name]: value, AWS_CONTAINER_AUTHORIZATION_TOKEN: planted })
    const error = await rejectionOf(read())
    expect(error.message).toMatch(/not allowed/)
    expect(everythingVisibleIn(error)).not.toContain(planted)
  })

  it.each<[string, string, RegExp]>([
    ['AWS_CONTAINER_AUTHORIZATION_TOKEN', `a\r\n${planted}: b`, /^AWS_CONTAINER_AUTHORIZATION_TOKEN contains a line break/],
    ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', '/nonexistent', /^AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read/],
    ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', 'malformed', /^AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE contains a line break/],
  ])('with a token that cannot be had or sent, the error names the variable: %s=%j', async (name, value, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'awscurrent-token-'))
    await writeFile(join(folder, 'malformed'), `a\n${planted}`)
    setEnv({ [name]: value === 'malformed' ? join(folder, value) : value })
    const error = await rejectionOf(read())
    await rm(folder, { recursive: true })
    expect(error).toMatchObject({ code: 'ERR_SECRET_CREDENTIALS', message: expect.stringMatching(message) })
    expect(everythingVisibleIn(error)).not.toContain(planted)
    expect(container.received).toEqual([])
  })
})
