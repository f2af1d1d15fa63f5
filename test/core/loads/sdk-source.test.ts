import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, describe, expect, it, type Mock, vi } from 'vitest'
import { failoverSource } from '../../../src/failover/index.js'
import { SecretCache } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'

const names = ['a', 'b', 'c', 'd', 'e']

function arnOf(name: string): string {
  return `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbCdEf`
}

function nameOf(id: string): string {
  return /secret:(.+)-AbCdEf$/.exec(id)?.[1] ?? id
}

function outputOf(name: string): object {
  return { ARN: arnOf(name), Name: name, VersionId: `v-of-${name}`, VersionStages: ['AWSCURRENT'], SecretString: `of ${name}` }
}

interface Command {
  readonly input: { readonly SecretId?: string; readonly SecretIdList?: string[] }
}

interface ScriptedClient {
  readonly config: object | undefined
  send: Mock<(command: Command) => Promise<unknown>>
}

/** A client whose single reads find every secret; `batch` is what it returns for several. */
function clientOf(config?: object, batch: object = {}): ScriptedClient {
  const send = vi.fn(
    async ({ input }: Command): Promise<unknown> => (input.SecretId === undefined ? batch : outputOf(nameOf(input.SecretId))),
  )
  return { config, send }
}

/** A client that lists one idle connection under each of its agents, and was reset on the first that it used. */
function clientWithIdleConnections(): { client: ScriptedClient; closed: string[] } {
  const closed: string[] = []
  const agentOf = (name: string): object => ({
    freeSockets: { 'a.example:443': [{ destroy: () => closed.push(name) }], 'b.example:443': undefined },
    sockets: { 'a.example:443': [{ destroy: () => closed.push('one in use') }] },
  })
  const requestHandler = { httpHandlerConfigs: () => ({ httpAgent: agentOf('http'), httpsAgent: agentOf('https') }) }
  const client = clientOf({ requestHandler })
  client.send.mockImplementationOnce(() => Promise.reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })))
  return { client, closed }
}

async function readAll(cache: SecretCache, ids: readonly string[]): Promise<string[]> {
  const texts: string[] = []
  for (const id of ids) texts.push(await cache.getSecretString(id))
  return texts
}

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('idle connections', () => {
  it('are closed before a read is repeated that one of them has broken; those in use stay', async () => {
    const { client, closed } = clientWithIdleConnections()
    const cache = new SecretCache({ source: failoverSource([client]), clock: new ManualClock() })
    expect(await cache.getSecretString('a')).toBe('of a')
    expect(closed).toEqual(['http', 'https'])
  })

  it('are left alone by reads that go well', async () => {
    const { client, closed } = clientWithIdleConnections()
    client.send = clientOf().send
    const cache = new SecretCache({ source: failoverSource([client]), clock: new ManualClock() })
    expect(await readAll(cache, names)).toEqual(names.map(name => `of ${name}`))
    expect(closed).toEqual([])
  })

  it.each([{}, { requestHandler: {} }, { requestHandler: { httpHandlerConfigs: () => ({}) } }])(
    'that a client does not show cannot be closed, and the read is repeated all the same: %o',
    async config => {
      const client = clientOf(config)
      client.send.mockRejectedValueOnce(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))
      const cache = new SecretCache({ source: failoverSource([client]), clock: new ManualClock() })
      expect(await cache.getSecretString('a')).toBe('of a')
    },
  )
})

describe('the account of the credentials', () => {
  it('is asked for once, whatever is read', async () => {
    const credentials = vi.fn(async () => ({ accountId: '123456789012' }))
    const cache = new SecretCache({ client: clientOf({ credentials }) })
    await readAll(cache, names)
    expect(credentials).toHaveBeenCalledTimes(1)
  })

  it('makes a name join what was read by its ARN', async () => {
    const client = clientOf({ credentials: async () => ({ accountId: '123456789012' }) })
    expect(await readAll(new SecretCache({ client }), [arnOf('a'), 'a'])).toEqual(['of a', 'of a'])
    expect(client.send).toHaveBeenCalledTimes(1)
  })

  it.each<[string, object | undefined]>([
    ['a client that shows none', undefined],
    ['a client that has none', {}],
    ['credentials that are no function', { credentials: { accountId: '123456789012' } }],
    ['credentials that tell none', { credentials: async () => ({}) }],
    ['credentials that are not there', { credentials: async () => undefined }],
    ['credentials that fail', { credentials: () => Promise.reject(new Error('no credentials')) }],
  ])('is not known of %s: the first name is asked for', async (_, config) => {
    const client = clientOf(config)
    expect(await readAll(new SecretCache({ client }), [arnOf('a'), 'a'])).toEqual(['of a', 'of a'])
    expect(client.send).toHaveBeenCalledTimes(2)
  })
})

describe('a batch', () => {
  it.each<[string, object]>([
    ['with nothing in it', {}],
    ['without errors', { SecretValues: [] }],
    ['without values', { Errors: [] }],
    ['with an error that names no secret', { SecretValues: [], Errors: [{}] }],
  ])('%s leaves its secrets to single reads', async (_, batch) => {
    const client = clientOf(undefined, batch)
    const report = await new SecretCache({ client }).warmup(names)
    expect(report.map(({ outcome }) => outcome)).toEqual(names.map(() => 'loaded'))
    expect(client.send).toHaveBeenCalledTimes(1 + names.length)
  })

  it('with an error that has no name or message fails that secret alone', async () => {
    const [first = '', ...others] = names
    const client = clientOf(undefined, { SecretValues: others.map(outputOf), Errors: [{ SecretId: first }] })
    const report = await new SecretCache({ client }).warmup(names)
    expect(report[0]).toMatchObject({ outcome: 'failed', error: { secretId: first } })
    expect(report.slice(1).map(({ outcome }) => outcome)).toEqual(others.map(() => 'loaded'))
  })
})

it('an answer without staging labels is read, with none', async () => {
  const client = clientOf()
  client.send.mockImplementation(async () => ({ ...outputOf('a'), VersionStages: undefined }))
  const secret = await new SecretCache({ client }).getSecret('a')
  expect(secret.versionStages).toEqual([])
})

describe("the cache's own client", () => {
  /** What the client that a cache makes for itself has been given. */
  async function ownConfig(region?: string): Promise<SecretsManagerClient['config'] & { timeout?: number }> {
    const mock = mockClient(SecretsManagerClient)
    mock.resolves(outputOf('a'))
    const cache = new SecretCache(region === undefined ? {} : { region })
    await cache.getSecretString('a')
    const client = mock.call(0).thisValue as SecretsManagerClient
    mock.restore()
    await cache.close()
    return client.config
  }

  it('is for the Region of the options', async () => {
    vi.stubEnv('AWS_REGION', 'us-east-1')
    expect(await (await ownConfig('eu-west-1')).region()).toBe('eu-west-1')
    expect(await (await ownConfig()).region()).toBe('us-east-1')
  })

  it('makes one attempt for each request, and tells the service who asks', async () => {
    const config = await ownConfig('eu-west-1')
    expect(await config.maxAttempts()).toBe(1)
    expect(config.customUserAgent).toEqual([['awscurrent']])
  })

  it('waits a short time for an instance metadata service, as there may be none', async () => {
    expect(await ownConfig('eu-west-1')).toMatchObject({ timeout: 600 })
  })

  it.each(['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'])(
    "waits as long as the SDK for a container's credentials, which %s leads to",
    async name => {
      vi.stubEnv(name, 'http://169.254.170.23/v1/credentials')
      expect((await ownConfig('eu-west-1')).timeout).toBeUndefined()
    },
  )

  it('is closed with the cache, if anything was read', async () => {
    const mock = mockClient(SecretsManagerClient)
    mock.resolves(outputOf('a'))
    const destroy = vi.spyOn(SecretsManagerClient.prototype, 'destroy')
    await new SecretCache({ region: 'eu-west-1' }).close()
    expect(destroy).not.toHaveBeenCalled()
    const cache = new SecretCache({ region: 'eu-west-1' })
    await cache.getSecretString('a')
    await cache.close()
    expect(destroy).toHaveBeenCalledTimes(1)
    mock.restore()
  })
})
