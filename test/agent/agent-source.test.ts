import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AgentSourceOptions, agentSource } from '../../src/agent/index.js'
import { SecretCache, type SecretSource, type SecretValue } from '../../src/index.js'
import { describeSource, FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { environmentOf } from '../support/environment-of.js'
import { rejectionOf } from '../support/rejection.js'
import { startScriptedServer } from '../support/scripted-server.js'
import { type SecretsAgent, startSecretsAgent } from '../support/secrets-agent.js'
import { throughPauses } from '../support/through-pauses.js'

const id = 'prod/db'
const variables = ['AWS_TOKEN', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN']

for (const kind of ['agent', 'extension'] as const) {
  describeSource(
    { describe, it },
    {
      title: `agentSource in front of the ${kind}`,
      async open() {
        const fake = new FakeSecretsManager()
        const stub = await startSecretsAgent(fake, { kind })
        const source = agentSource({ port: stub.port, token: stub.token, refreshNow: kind === 'agent' })
        return environmentOf([fake], source, () => stub.close())
      },
    },
  )
}

let fake: FakeSecretsManager
let agent: SecretsAgent

function sourceOf(options: AgentSourceOptions = {}): SecretSource {
  return agentSource({ port: agent.port, token: 'the token', ...options })
}

function read(source: SecretSource, request: { versionStage?: string; versionId?: string } = {}): Promise<SecretValue> {
  return source.get({ secretId: id, ...request }, new AbortController())
}

beforeEach(async () => {
  for (const name of ['AWS_LAMBDA_FUNCTION_NAME', 'PARAMETERS_SECRETS_EXTENSION_HTTP_PORT', ...variables])
    vi.stubEnv(name, undefined)
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' } })
  agent = await startSecretsAgent(fake)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await agent.close()
})

describe('a request', () => {
  it('has the documented path, the parameters that were asked for, and the token', async () => {
    await read(sourceOf(), { versionStage: 'AWSCURRENT' })
    expect(agent.requests).toEqual([
      {
        path: '/secretsmanager/get',
        query: { secretId: id, versionStage: 'AWSCURRENT', refreshNow: 'true' },
        token: 'the token',
      },
    ])
  })

  it('has no other header, above all none of a proxy, and ends its connection', async () => {
    const plain = await startScriptedServer((_, response) => response.end('{}'))
    await read(sourceOf({ port: Number(new URL(plain.url).port) }))
    await plain.close()
    const { host } = new URL(plain.url)
    expect(plain.received.map(({ method, headers }) => ({ method, headers }))).toEqual([
      { method: 'GET', headers: { host, connection: 'close', 'x-aws-parameters-secrets-token': 'the token' } },
    ])
  })

  it.each(['MyTest', 'My/Test', 'a+b=c@d.e_f-', 'rds!cluster-1'])('names the secret as it was passed: %s', async secretId => {
    fake.create(secretId, 'two')
    const value = await sourceOf().get({ secretId }, new AbortController())
    expect(value).toMatchObject({ name: secretId, string: 'two' })
    expect(agent.requests).toMatchObject([{ query: { secretId } }])
  })

  it('names the role that the agent assumes', async () => {
    await read(sourceOf({ roleArn: 'arn:aws:iam::123456789012:role/team/reader' }))
    expect(agent.requests).toMatchObject([{ query: { secretId: id, roleArn: 'arn:aws:iam::123456789012:role/team/reader' } }])
  })

  it('in a Lambda function has no refreshNow, which the extension does not know', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'orders')
    await read(sourceOf())
    await read(sourceOf({ refreshNow: true }))
    expect(agent.requests.map(({ query }) => query.refreshNow)).toEqual([undefined, 'true'])
  })

  it('goes to the port of the extension unless another is given', async () => {
    vi.stubEnv('PARAMETERS_SECRETS_EXTENSION_HTTP_PORT', String(agent.port))
    expect(await read(agentSource({ token: 'the token' }))).toMatchObject({ name: id, string: 'one' })
  })

  it('goes to the default port where the variable is empty', async () => {
    vi.stubEnv('PARAMETERS_SECRETS_EXTENSION_HTTP_PORT', '')
    const clock = new ManualClock()
    const reading = rejectionOf(agentSource({ token: 'the token', clock }).get({ secretId: id }, new AbortController()))
    expect(await throughPauses(clock, reading)).toMatchObject({ hint: expect.stringContaining('port 2773') })
  })

  it('does not go through a proxy of the environment', async () => {
    for (const name of ['HTTP_PROXY', 'http_proxy']) vi.stubEnv(name, 'http://127.0.0.1:9')
    expect(await read(sourceOf())).toMatchObject({ string: 'one' })
  })
})

it("a forced load is not answered from the agent's own cache", async () => {
  const cache = new SecretCache({ source: sourceOf() })
  await cache.getSecretString(id)
  await cache.handleRotationEvent(fake.rotate(id, 'two'))
  expect(await cache.getSecretString(id)).toBe('two')
})

it.each([
  ['of one megabyte is read', 1024 * 1024, true],
  ['of a byte more is taken for none', 1024 * 1024 + 1, false],
])('an answer %s', async (_, bytes, isRead) => {
  const body = JSON.stringify({ ARN: 'a', Name: id, VersionId: 'v', SecretString: 'one' })
  agent.answers.push({ status: 200, body: body.padEnd(bytes) })
  const outcome = await read(sourceOf()).catch((error: Error) => error)
  if (isRead) expect(outcome).toMatchObject({ string: 'one' })
  else expect(outcome).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE', message: 'The response is too long to be a secret.' })
})

describe('a date', () => {
  const created = new Date('2030-01-02T03:04:05.678Z')
  it.each<[form: string, value: unknown, date: Date | undefined]>([
    ['seconds', 1_893_553_445.678, created],
    ['seconds as text', '1893553445.678', created],
    ['ISO 8601', '2030-01-02T03:04:05.678Z', created],
    ['seconds that binary fractions miss', 2_150_000_000.002, new Date(2_150_000_000_002)],
    ['null', null, undefined],
    ['empty', '', undefined],
    ['nothing that can be read', 'yesterday', undefined],
  ])('may be %s', async (_, CreatedDate, date) => {
    const body = { ARN: 'a', Name: id, VersionId: 'v', VersionStages: ['AWSCURRENT'], SecretString: 'one', CreatedDate }
    agent.answers.push({ status: 200, body: JSON.stringify(body) })
    expect((await read(sourceOf())).createdDate).toEqual(date)
  })
})

describe('the token', () => {
  let folder: string
  let file: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'awscurrent-'))
    file = pathToFileURL(join(folder, 'token')).href
  })

  afterEach(() => rm(folder, { recursive: true }))

  async function write(token: string): Promise<void> {
    await writeFile(new URL(file), `${token}\n`)
  }

  it('comes from the first variable that the agent itself looks at', async () => {
    for (const name of variables) vi.stubEnv(name, '')
    for (const name of [...variables].reverse()) {
      vi.stubEnv(name, `of ${name}`)
      agent.token = `of ${name}`
      expect(await read(agentSource({ port: agent.port }))).toMatchObject({ string: 'one' })
    }
  })

  it('is read again after it has changed, in the environment and in a file', async () => {
    vi.stubEnv('AWS_TOKEN', file)
    for (const source of [agentSource({ port: agent.port }), sourceOf({ token: file })]) {
      for (const token of ['of this start', 'of the next start']) {
        await write(token)
        agent.token = token
        expect(await read(source)).toMatchObject({ string: 'one' })
      }
    }
    vi.stubEnv('AWS_TOKEN', 'another')
    agent.token = 'another'
    expect(await read(agentSource({ port: agent.port }))).toMatchObject({ string: 'one' })
  })
})

describe('options', () => {
  it.each<[options: unknown, message: string]>([
    [{ port: 0 }, 'port must be a port from 1 to 65535.'],
    [{ port: 65_536 }, 'port must be a port from 1 to 65535.'],
    [{ port: '2773' }, 'port must be a port from 1 to 65535.'],
    [{ port: 1.5 }, 'port must be a port from 1 to 65535.'],
    [{ token: ' \n' }, 'token must be a string that is not empty.'],
    [{ token: '' }, 'token must be a string that is not empty.'],
    [{ token: 7 }, 'token must be a string that is not empty.'],
    [{ refreshNow: 'yes' }, 'refreshNow must be true or false.'],
    [{ roleArn: 'arn:aws:iam::1234:role/a' }, 'roleArn must be the ARN of an IAM role.'],
    [{ roleArn: 'reader' }, 'roleArn must be the ARN of an IAM role.'],
    [{ roleArn: 'arn:aws:iam::123456789012:user/a' }, 'roleArn must be the ARN of an IAM role.'],
    [{ clock: {} }, 'clock must be an object with a now method'],
    [{ endpoint: 'http://127.0.0.1' }, 'Unknown option "endpoint" of agentSource.'],
    [null, 'agentSource takes a plain object of options.'],
  ])('%j is refused', (options, message) => {
    const make = (): SecretSource => agentSource(options as AgentSourceOptions)
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })

  it.each([1, 65_535])('the port %i is accepted', port => {
    expect(agentSource({ port })).toBeDefined()
  })

  it('a port in the environment that is none is refused by the name of its variable', () => {
    vi.stubEnv('PARAMETERS_SECRETS_EXTENSION_HTTP_PORT', 'none')
    expect(() => agentSource()).toThrow('PARAMETERS_SECRETS_EXTENSION_HTTP_PORT must be a port from 1 to 65535.')
  })
})
