import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FakeSecretsManager, type FakeServer } from '../../src/testing/index.js'
import { type FunctionSettings, type LambdaFunction, startFunction } from '../support/lambda-function.js'

const id = 'prod/key'
const ttlMs = 500
/** Longer than the TTL. */
const freezeMs = 600
/** For loads that are to be frozen in their middle. */
const loadTimeoutMs = 1_000
/** Longer than a load may take, by so much that it is known to have been frozen. */
const longFreezeMs = 2_200

vi.setConfig({ testTimeout: 20_000 })

let fake: FakeSecretsManager
let server: FakeServer
let lambda: LambdaFunction

/** Starts a function whose cache has the real SDK for its source. It tells of failed loads. */
async function start(handler: string, options: object = {}, settings: FunctionSettings & { init?: string } = {}): Promise<void> {
  const { init = '', ...ofFunction } = settings
  lambda = await startFunction(
    `import { createLambdaCache, withSecrets } from 'awscurrent/lambda'
     const id = '${id}'
     const secrets = createLambdaCache(${JSON.stringify({ secrets: [id], ttlMs, ttlJitter: 0, ...options })})
     secrets.on('error', ({ error }) => console.log('failed:', error.code))
     ${init}
     const handler = ${handler}`,
    {
      AWS_REGION: fake.region,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: server.endpoint,
      AWS_ACCESS_KEY_ID: 'nobody',
      AWS_SECRET_ACCESS_KEY: 'nothing',
      // The SDK's about versions of Node.
      NODE_NO_WARNINGS: '1',
    },
    ofFunction,
  )
}

/** Freezes the function; the secret is rotated meanwhile. */
async function freezeThroughRotation(ms = freezeMs): Promise<void> {
  lambda.freeze()
  fake.rotate(id, 'two')
  await new Promise(resolve => setTimeout(resolve, ms))
}

/** Ends the function, and answers all that it said. */
async function end(): Promise<{ stdout: string; stderr: string }> {
  await lambda[Symbol.asyncDispose]()
  const { stdout, stderr } = await lambda.process.ended
  return { stdout, stderr }
}

const reading = 'withSecrets(secrets, () => secrets.getSecretString(id))'
const quiet = { stdout: '', stderr: '' }

beforeEach(async () => {
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' } })
  server = await fake.listen()
})

afterEach(async () => {
  await lambda[Symbol.asyncDispose]()
  await server.close()
})

it('after a freeze for longer than the TTL the first read is of the rotated secret', async () => {
  await start(reading)
  expect(await lambda.invoke()).toBe('one')
  await freezeThroughRotation()
  expect(await lambda.invoke()).toBe('two')
  expect(await end()).toEqual(quiet)
})

it('a connection that was closed during the freeze fails no read', async () => {
  await start(reading)
  expect(await lambda.invoke()).toBe('one')
  await server.close()
  server = await fake.listen({ port: Number(new URL(server.endpoint).port) })
  await freezeThroughRotation()
  expect(await lambda.invoke()).toBe('two')
  expect(await end()).toEqual(quiet)
})

it('a warm-up that is frozen in its middle is made good by the first read', async () => {
  fake.inject({ hang: true, times: 1 })
  await start(reading, { loadTimeoutMs })
  await vi.waitFor(() => expect(fake.count()).toBe(1))
  await freezeThroughRotation(longFreezeMs)
  expect(await lambda.invoke()).toBe('two')
  expect(await end()).toEqual({ stdout: 'failed: ERR_SECRET_TIMEOUT\n', stderr: '' })
})

it('a read that the handler leaves behind has ended when the function answers', async () => {
  await start(`withSecrets(secrets, async ({ leave }) => {
    const read = secrets.getSecretString(id)
    if (!leave) return read
    read.then(() => console.log('read'))
  })`)
  await lambda.invoke()
  await freezeThroughRotation()
  fake.inject({ delayMs: 200, times: 1 })
  await lambda.invoke({ leave: true })
  lambda.freeze()
  expect(await end()).toEqual({ stdout: 'read\n', stderr: '' })
})

it('without the wrapper, a load that is frozen in its middle spoils no read after it', async () => {
  const leaving = `async ({ leave }) => {
    const read = secrets.getSecretString(id)
    if (!leave) return read
    read.then(value => console.log('left behind:', value))
  }`
  await start(leaving, { loadTimeoutMs })
  expect(await lambda.invoke()).toBe('one')
  await new Promise(resolve => setTimeout(resolve, freezeMs))
  fake.inject({ hang: true, times: 1 })
  fake.resetCalls()
  await lambda.invoke({ leave: true })
  await vi.waitFor(() => expect(fake.count()).toBe(1))
  await freezeThroughRotation(longFreezeMs)
  lambda.thaw()
  await lambda.process.said('left behind: one')
  expect(await lambda.invoke()).toBe('two')
  expect(await end()).toEqual({ stdout: 'failed: ERR_SECRET_TIMEOUT\nleft behind: one\n', stderr: '' })
})

it('while the service fails after the thaw, the last known good is read', async () => {
  await start(reading)
  expect(await lambda.invoke()).toBe('one')
  fake.inject({ error: 'InternalServiceError' })
  await freezeThroughRotation()
  expect(await lambda.invoke()).toBe('one')
  expect(await end()).toEqual({ stdout: 'failed: ERR_SECRET_UNAVAILABLE\n', stderr: '' })
})

it('with provisioned concurrency, the warm-up is over before the freeze if the init phase waits for it', async () => {
  fake.inject({ delayMs: 200, times: 1 })
  await start(reading, { ttlMs: 60_000 }, { type: 'provisioned-concurrency', init: 'await secrets.idle()' })
  expect(fake.count()).toBe(1)
  await freezeThroughRotation()
  await server.close()
  // From memory: the service is gone.
  expect(await lambda.invoke()).toBe('one')
  expect(await end()).toEqual(quiet)
})
