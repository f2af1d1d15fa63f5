import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { liteSource } from '../../src/lite/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.js'
import { keys, patient, setEnv, withEnv } from './support.js'

interface Signer {
  applyChecksum: boolean
  sign(request: object, options: { signingDate: Date }): Promise<{ headers: Record<string, string> }>
}

const region = 'eu-west-1'
const clock = new ManualClock(Date.UTC(2031, 1, 3, 4, 5, 6, 789))

let server: ScriptedServer

withEnv()

beforeEach(async () => {
  server = await startScriptedServer((_, response) => response.end('{}'))
})

afterEach(() => server.close())

/** What the SDK's own signer makes of a request that has been received: of all headers that the sender had set itself. */
async function signedBySdk(sessionToken?: string): Promise<string | undefined> {
  const [received] = server.received
  if (received === undefined) throw new Error('Nothing was received.')
  const credentials = {
    accessKeyId: keys.AWS_ACCESS_KEY_ID,
    secretAccessKey: keys.AWS_SECRET_ACCESS_KEY,
    ...(sessionToken !== undefined && { sessionToken }),
  }
  const client = new SecretsManagerClient({ region, credentials })
  const scheme = { name: 'sigv4', signingName: 'secretsmanager', signingRegion: region, properties: {} }
  const signer = (await client.config.signer(scheme as never)) as unknown as Signer
  // The SDK sends the body's hash as a header too, and the service does not ask for it.
  signer.applyChecksum = false
  const { authorization: _, connection: __, ...headers } = received.headers
  const { protocol, hostname, port } = new URL(server.url)
  const request = { method: 'POST', protocol, hostname, port, path: received.path, query: {}, headers, body: received.body }
  const signed = await signer.sign({ ...request, clone: () => request }, { signingDate: new Date(clock.now()) })
  client.destroy()
  return signed.headers.authorization
}

it.each<[string, string | undefined, string]>([
  ['a name', undefined, 'prod/db'],
  ['a session token', 'FwoGZXIvYXdzEXAMPLE//+token==', 'prod/db'],
  ['characters of every width', undefined, 'prod/ä€🔑'],
])("signs a read with %s as the SDK's signer does", async (_, sessionToken, secretId) => {
  setEnv({ AWS_SESSION_TOKEN: sessionToken })
  const source = liteSource({ region, endpoint: server.url, clock })
  await source.get({ secretId, versionStage: 'AWSCURRENT' }, patient)
  const { authorization } = server.received[0]?.headers ?? {}
  expect(authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20310203\/eu-west-1\/secretsmanager\/aws4_request, /)
  expect(authorization).toBe(await signedBySdk(sessionToken))
  await source.close()
})

it('signs a batch, below the path of an endpoint, with all its own headers but User-Agent', async () => {
  const source = liteSource({ region, endpoint: `${server.url}/local/stack`, clock })
  await source.getMany(['prod/a', 'prod/b'], patient)
  expect(server.received).toMatchObject([{ method: 'POST', path: '/local/stack/', body: '{"SecretIdList":["prod/a","prod/b"]}' }])
  const { authorization } = server.received[0]?.headers ?? {}
  expect(authorization).toContain('SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-target,')
  expect(authorization).toBe(await signedBySdk())
  await source.close()
})

it.each(['', '/', '/base', '/base/', '/local//stack'])(
  "sends to the path that the SDK makes of the endpoint's: %s",
  async path => {
    const endpoint = `${server.url}${path}`
    const source = liteSource({ region, endpoint, clock })
    await source.get({ secretId: 'prod/db' }, patient)
    await source.close()
    const client = new SecretsManagerClient({ region, endpoint, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
    await client.send(new GetSecretValueCommand({ SecretId: 'prod/db' }))
    client.destroy()
    const [byLite, bySdk] = server.received
    expect(byLite?.path).toBe(bySdk?.path)
    expect(byLite?.headers.authorization).toBe(await signedBySdk())
  },
)

it('says in each request who sends it, as the client of the cache does', async () => {
  const denying = await startScriptedServer((_, response) => {
    response.writeHead(400).end('{"__type":"AccessDeniedException"}')
  })
  const source = liteSource({ region, endpoint: denying.url })
  setEnv({ AWS_ENDPOINT_URL: denying.url })
  const cache = new SecretCache({ region })
  const reads = [
    () => source.get({ secretId: 'prod/db' }, patient),
    () => source.getMany(['prod/db'], patient),
    () => cache.getSecretString('prod/db'),
  ]
  for (const read of reads) await expect(read()).rejects.toThrow()
  const [single, batch, bySdk] = denying.received.map(({ headers }) => headers['user-agent'])
  await Promise.all([source.close(), cache.close(), denying.close()])
  expect([single, batch]).toEqual(['awscurrent', 'awscurrent'])
  expect(bySdk).toMatch(/^aws-sdk-js\/.* awscurrent$/)
})
