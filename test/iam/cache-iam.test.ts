import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { elastiCacheIam, type LoginSource, memoryDbIam } from '../../src/iam/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { presigned, sorted } from './presigned.js'

const at = Date.UTC(2030, 0, 2, 3, 4, 5)
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const session = { ...keys, sessionToken: "a+session/token='with'(signs)*and!more==" }

interface Signed {
  host: string
  query: [string, string][]
  password: string
}

/** The parts of the token that a source issues now. */
async function tokenOf(source: LoginSource): Promise<Signed> {
  const { password } = await source.get()
  const url = new URL(`http://${password}`)
  return { host: url.host, query: sorted(url.searchParams), password }
}

describe('a token', () => {
  const clock = new ManualClock(at)
  const shared = { region: 'eu-west-1', user: 'app-user', clock }
  const asked = { Action: 'connect', User: 'app-user' }
  const elastiCache = (more: object): LoginSource =>
    elastiCacheIam({ ...shared, cacheName: 'Sessions-1', credentials: keys, ...more })
  const memoryDb = (more: object): LoginSource =>
    memoryDbIam({ ...shared, clusterName: 'Sessions-1', credentials: keys, ...more })

  it.each([
    ['ElastiCache', elastiCache({}), { service: 'elasticache', query: asked }],
    [
      'ElastiCache with a session',
      elastiCache({ credentials: session }),
      { service: 'elasticache', query: asked, credentials: session },
    ],
    [
      'a serverless cache',
      elastiCache({ serverless: true }),
      { service: 'elasticache', query: { ...asked, ResourceType: 'ServerlessCache' } },
    ],
    [
      'a serverless cache with a session',
      elastiCache({ serverless: true, credentials: async () => session }),
      { service: 'elasticache', query: { ...asked, ResourceType: 'ServerlessCache' }, credentials: session },
    ],
    ['a cache that is not serverless', elastiCache({ serverless: false }), { service: 'elasticache', query: asked }],
    ['MemoryDB', memoryDb({}), { service: 'memorydb', query: asked }],
    ['MemoryDB with a session', memoryDb({ credentials: session }), { service: 'memorydb', query: asked, credentials: session }],
    [
      'a user whose name has to be escaped',
      elastiCache({ user: 'a/b c*d' }),
      { service: 'elasticache', query: { ...asked, User: 'a/b c*d' } },
    ],
    ['another Region', memoryDb({ region: 'cn-north-1' }), { service: 'memorydb', query: asked, region: 'cn-north-1' }],
  ])('of %s is the request that Signature Version 4 prescribes, without its scheme', async (_, source, expected) => {
    const { host, query, password } = await tokenOf(source)
    expect(password.startsWith('sessions-1/?Action=connect&')).toBe(true)
    const like = { host: 'sessions-1', region: 'eu-west-1', credentials: keys, at, ...expected }
    expect({ host, query }).toEqual({ host: 'sessions-1', query: presigned(like) })
  })

  it('is that of the user, must be sent over TLS, and ends after fifteen minutes', async () => {
    for (const source of [elastiCache({}), memoryDb({})]) {
      expect(await source.get()).toMatchObject({ username: 'app-user', loginUntil: at + 900_000, accountUntil: undefined })
      expect([source.requiresTls, source.type]).toEqual([true, 'streaming-credentials-provider'])
    }
  })

  it('ends with the credentials that have signed it', async () => {
    const expiration = new Date(at + 300_000)
    expect(await elastiCache({ credentials: { ...session, expiration } }).get()).toMatchObject({ loginUntil: at + 300_000 })
  })

  it('that is renewed is signed at the time of the renewal', async () => {
    const moving = new ManualClock(at)
    const source = elastiCache({ clock: moving })
    const first = await tokenOf(source)
    await moving.advance(900_000)
    const { query, host } = await tokenOf(source)
    expect(query).not.toEqual(first.query)
    const like = { host, region: 'eu-west-1', service: 'elasticache', query: asked, credentials: keys, at: at + 900_000 }
    expect(query).toEqual(presigned(like))
  })
})

describe('the Region', () => {
  beforeEach(() => {
    vi.stubEnv('AWS_REGION', undefined)
    vi.stubEnv('AWS_DEFAULT_REGION', undefined)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  const regionIn = async (source: LoginSource): Promise<string | undefined> => {
    const { query } = await tokenOf(source)
    return new Map(query).get('X-Amz-Credential')?.split('/')[2]
  }
  const cache = { cacheName: 'sessions', user: 'app', credentials: keys }
  const cluster = { clusterName: 'sessions', user: 'app', credentials: keys }

  it('is that of the options, before that of the environment', async () => {
    vi.stubEnv('AWS_REGION', 'us-east-1')
    expect(await regionIn(elastiCacheIam({ ...cache, region: 'eu-west-1' }))).toBe('eu-west-1')
    expect(await regionIn(memoryDbIam({ ...cluster, region: 'eu-west-1' }))).toBe('eu-west-1')
  })

  it('is AWS_REGION otherwise, or else AWS_DEFAULT_REGION', async () => {
    vi.stubEnv('AWS_DEFAULT_REGION', 'us-west-2')
    expect(await regionIn(elastiCacheIam(cache))).toBe('us-west-2')
    vi.stubEnv('AWS_REGION', 'us-east-1')
    expect([await regionIn(elastiCacheIam(cache)), await regionIn(memoryDbIam(cluster))]).toEqual(['us-east-1', 'us-east-1'])
  })

  it('is required', () => {
    expect(() => elastiCacheIam(cache)).toThrow(new TypeError('elastiCacheIam needs region: the name of a cache contains none.'))
    expect(() => memoryDbIam(cluster)).toThrow(new TypeError('memoryDbIam needs region: the name of a cache contains none.'))
  })
})

describe('wrong options', () => {
  const region = 'eu-west-1'
  it.each([
    ['no cacheName', { region, user: 'app' }, 'elastiCacheIam needs cacheName.'],
    ['no user', { region, cacheName: 'sessions' }, 'elastiCacheIam needs user.'],
    ['an endpoint for its name', { region, user: 'app', cacheName: 'master.sessions.abc.euw1.cache.amazonaws.com' }, 'cacheName'],
    ['an empty user', { region, user: '', cacheName: 'sessions' }, 'user'],
    ['a Region that is none', { region: 'eu-west-1.amazonaws.com', user: 'app', cacheName: 'sessions' }, 'region'],
    ['something else for serverless', { region, user: 'app', cacheName: 'sessions', serverless: 'yes' }, 'serverless'],
    ['something else for credentials', { region, user: 'app', cacheName: 'sessions', credentials: {} }, 'credentials'],
    ['a name of MemoryDB', { region, user: 'app', clusterName: 'sessions' }, 'clusterName'],
  ])('of elastiCacheIam are a TypeError that names the option: %s', (_, options, named) => {
    expect(() => elastiCacheIam(options as never)).toThrow(TypeError)
    expect(() => elastiCacheIam(options as never)).toThrow(named)
  })

  it.each([
    ['no clusterName', { region, user: 'app' }, 'memoryDbIam needs clusterName.'],
    ['no user', { region, clusterName: 'sessions' }, 'memoryDbIam needs user.'],
    ['serverless, which MemoryDB has not', { region, user: 'app', clusterName: 'sessions', serverless: true }, 'serverless'],
    ['no options', undefined, 'memoryDbIam'],
  ])('of memoryDbIam are a TypeError that names the option: %s', (_, options, named) => {
    expect(() => memoryDbIam(options as never)).toThrow(TypeError)
    expect(() => memoryDbIam(options as never)).toThrow(named)
  })
})
