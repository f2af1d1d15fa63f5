import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeSecretsManager, type FakeServer } from '../../src/testing/index.js'
import { type LambdaFunction, startFunction } from '../support/lambda-function.js'

const id = 'prod/key'
const hourMs = 3_600_000

vi.setConfig({ testTimeout: 20_000 })

let fake: FakeSecretsManager
let server: FakeServer
let credentials: Server
let lambda: LambdaFunction
/** How often the function has asked for credentials. Each are good for an hour, by the clock of the function. */
let issued: number

const sources: [string, string][] = [
  ['the AWS SDK', ''],
  ['the source without it', 'source: liteSource(),'],
]

/** Starts a function from which a snapshot is taken. Its credentials are those that Lambda gives to such a function. */
async function start(handler: string, { source = '', hasHooks = false, warmUp = true } = {}): Promise<void> {
  const { port } = credentials.address() as AddressInfo
  const secrets = JSON.stringify(warmUp ? [id] : [])
  lambda = await startFunction(
    `import { afterRestore, createLambdaCache, withSecrets } from 'awscurrent/lambda'
     import { liteSource } from 'awscurrent/lite'
     const id = '${id}'
     const secrets = createLambdaCache({ secrets: ${secrets}, ${source} })
     await secrets.idle()
     export const afterRestoreHook = () => afterRestore(secrets)
     const handler = ${handler}`,
    {
      AWS_REGION: fake.region,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: server.endpoint,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token',
    },
    { type: 'snap-start', hasHooks },
  )
}

beforeEach(async () => {
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' } })
  server = await fake.listen()
  issued = 0
  credentials = createServer((_request, response) => {
    issued += 1
    const Expiration = new Date(Date.now() + issued * hourMs).toISOString()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ AccessKeyId: 'ASIANOBODY', SecretAccessKey: 'nothing', Token: 'session', Expiration }))
  })
  credentials.listen(0, '127.0.0.1')
  await once(credentials, 'listening')
})

afterEach(async () => {
  await lambda[Symbol.asyncDispose]()
  await server.close()
  credentials.close()
})

const reading = 'withSecrets(secrets, () => secrets.getSecretString(id))'

describe.each([
  ['by the clock, at the moment of the snapshot', 0],
  ['by the clock, an hour later', hourMs],
])('a process that is restored %s', (_, clockJumpMs) => {
  it.each(sources)('serves no secret from before the snapshot, read by %s', async (__, source) => {
    await start(reading, { source })
    lambda.freeze()
    fake.rotate(id, 'two')
    await lambda.restore({ clockJumpMs })
    expect(await lambda.invoke()).toBe('two')
    // Those in the snapshot have ended after an hour.
    expect(issued).toBe(clockJumpMs === 0 ? 1 : 2)
  })

  it('has read its secrets again when the hook is over, so that the invocation makes no call', async () => {
    await start('withSecrets(secrets, async () => secrets.peek(id).text())', { hasHooks: true })
    lambda.freeze()
    fake.rotate(id, 'two')
    await lambda.restore({ clockJumpMs })
    fake.resetCalls()
    expect(await lambda.invoke()).toBe('two')
    expect(fake.count()).toBe(0)
  })
})

it('connections in the snapshot are closed by their other end: the first read makes new ones', async () => {
  await start(reading)
  lambda.freeze()
  await server.close()
  server = await fake.listen({ port: Number(new URL(server.endpoint).port) })
  fake.rotate(id, 'two')
  await lambda.restore({ clockJumpMs: hourMs })
  expect(await lambda.invoke()).toBe('two')
})

it('a snapshot without a warm-up holds no value', async () => {
  await start(reading, { warmUp: false })
  expect(fake.count()).toBe(0)
  lambda.freeze()
  await lambda.restore({ clockJumpMs: hourMs })
  expect(await lambda.invoke()).toBe('one')
})
