import type { ServerResponse } from 'node:http'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { agentSource } from '../../src/agent/index.js'
import { SecretCache, type SecretSource } from '../../src/index.js'
import { liteSource } from '../../src/lite/index.js'
import { withEnv } from '../lite/support.js'
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.js'
import { damagedJson } from './damage.js'
import { fuzz } from './fuzz.js'
import { impatientClock } from './impatient-clock.js'
import { codeOf, planted } from './planted.js'

withEnv()

/** What the server says to a request. */
interface Said {
  status: number
  headers: Record<string, string>
  body: string
  /** Whether the connection ends in the middle of it. */
  cut: boolean
  /** Whether each further attempt gets the same; else it gets a refusal that ends the read. */
  again: boolean
}

const secret = {
  ARN: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/db-Zx81Qw',
  Name: 'shop/db',
  VersionId: '5f6c1e0a-9d1f-4a53-8b43-2f0f9a4f7c11',
  VersionStages: ['AWSCURRENT'],
  CreatedDate: 1_893_456_000.123,
  SecretString: planted,
}
const refusals = ['AccessDeniedException', 'ResourceNotFoundException', 'DecryptionFailure', 'ThrottlingException', 'Own'].map(
  name => ({ __type: `com.amazonaws#${name}`, message: 'It was refused.' }),
)
const refused: Said = { status: 400, headers: {}, body: JSON.stringify(refusals[0]), cut: false, again: true }

const oneIn = (many: number) => fc.integer({ min: 1, max: many }).map(drawn => drawn === 1)

const saying = (originals: readonly unknown[], statuses: readonly number[]): fc.Arbitrary<Said> =>
  fc.record({
    status: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...statuses) },
      { weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
    ),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      {},
      {},
      { location: 'http://127.0.0.1:1/' },
      { 'x-amzn-errortype': 'AccessDeniedException' },
      { 'x-amzn-requestid': planted },
      { 'content-encoding': 'gzip' },
    ),
    body: fc.oneof({ weight: 9, arbitrary: damagedJson(originals) }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }),
    cut: oneIn(50),
    again: oneIn(10),
  })

/** Pauses take no time, and deadlines never come: the server is real and always answers. */
const clock = impatientClock({ now: 1_893_456_000_000, neverFromMs: 4_000 })

let server: ScriptedServer
let next: Said | undefined

function answer(response: ServerResponse): void {
  const { status, headers, body, cut, again } = next ?? refused
  if (!again) next = refused
  response.writeHead(status, { ...headers, ...(cut && { 'content-length': Buffer.byteLength(body) + 1 }) })
  if (cut) response.write(body, () => response.destroy())
  else response.end(body)
}

beforeEach(async () => {
  server = await startScriptedServer((_request, response) => answer(response))
})

afterEach(async () => {
  await server.close()
})

async function read(source: SecretSource, said: Said): Promise<string> {
  next = said
  // One attempt, so that it is this answer's error that is looked at.
  const cache = new SecretCache({ source, clock, backoff: { initialMs: 60_000 } })
  const outcome = await cache.getSecret('shop/db').then(found => {
    expect([typeof found.arn, typeof found.name, typeof found.versionId]).toEqual(['string', 'string', 'string'])
    return 'accepted'
  }, codeOf)
  // Not closed: that would close the source too, which the next cache uses.
  cache.delete('shop/db')
  server.received.length = 0
  return outcome
}

test('whatever the agent or the extension answers, a read ends with a secret or an error with a code that shows nothing of it', async context => {
  const source = agentSource({ port: Number(new URL(server.url).port), token: 'the token', clock })
  const dates = [secret, { ...secret, CreatedDate: '1893456000.123' }, { ...secret, CreatedDate: '2030-01-01T00:00:00Z' }]
  const values = [...dates, { ...secret, SecretString: null, SecretBinary: Buffer.from(planted).toString('base64') }]
  const inputs = fc.oneof(
    { weight: 3, arbitrary: saying(values, [200]) },
    { weight: 1, arbitrary: saying(refusals, [400, 429, 500]) },
  )
  const { verdicts } = await fuzz(context, inputs, said => read(source, said))
  expect(Object.keys(verdicts)).toEqual(expect.arrayContaining(['accepted', 'ERR_SECRET_ACCESS_DENIED']))
})

test('whatever the service answers without the SDK, a read ends with a secret or an error with a code that shows nothing of it', async context => {
  const source = liteSource({ region: 'eu-central-1', endpoint: server.url })
  const { SecretString: _, ...bytes } = { ...secret, SecretBinary: Buffer.from(planted).toString('base64') }
  const inputs = fc.oneof(
    { weight: 3, arbitrary: saying([secret, bytes], [200]) },
    { weight: 1, arbitrary: saying(refusals, [400, 429, 500]) },
  )
  const { verdicts } = await fuzz(context, inputs, said => read(source, said))
  await source.close()
  expect(Object.keys(verdicts)).toEqual(expect.arrayContaining(['accepted', 'ERR_SECRET_ACCESS_DENIED']))
})
