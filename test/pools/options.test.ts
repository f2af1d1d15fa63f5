import mysql from 'mysql2'
import mysqlPromises from 'mysql2/promise'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { credentialsFrom, type LoginSource } from '../../src/iam/index.js'
import { SecretCache } from '../../src/index.js'
import * as mysqlPools from '../../src/mysql2/index.js'
import * as pgPools from '../../src/pg/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'

const cache = new SecretCache({ client: new FakeSecretsManager().client() })
const follow = { cache, secretId: 'prod/db' }
const credentials = credentialsFrom({ get: async () => ({ username: 'app', password: 'one' }) })

/** One of a user's own, with nothing but what a source must have. */
function sourceOf(source: LoginSource): LoginSource {
  return {
    type: 'streaming-credentials-provider',
    current: () => source.current(),
    get: options => source.get(options),
    refresh: refused => source.refresh(refused),
    subscribe: listener => source.subscribe(listener),
    onReAuthenticationError() {},
  }
}

describe('a mistake in the options is a TypeError that names it', () => {
  it.each([
    ['no options', undefined, 'createPool takes an object with cache and secretId'],
    ['no cache', { secretId: 'prod/db' }, 'cache must be a SecretCache'],
    ['something else for a cache', { ...follow, cache: {} }, 'cache must be a SecretCache'],
    ['neither a secret nor a source', { credentials: undefined }, 'createPool needs cache and secretId, or credentials.'],
    ['a secret beside a source', { ...follow, credentials }, 'cache has no meaning beside credentials'],
    ['a window beside a source', { credentials, rotationWindowMs: 1 }, 'rotationWindowMs has no meaning beside credentials'],
    ['something else for a source', { credentials: { get: () => {} } }, 'credentials must be a source of logins'],
    [
      'a source whose clock is none',
      { credentials: { ...sourceOf(credentials), clock: {} } },
      'The clock of credentials must be',
    ],
    ['a negative spread', { ...follow, retireSpreadMs: -1 }, 'retireSpreadMs'],
    ['an endless window', { ...follow, rotationWindowMs: Infinity }, 'rotationWindowMs'],
    ['text for a flag', { ...follow, tryPending: 'no' }, 'tryPending'],
  ])('%s', (_, options, named) => {
    const wrong = options as typeof follow
    for (const create of [
      () => pgPools.createPool(pg, wrong),
      () => mysqlPools.createPool(mysql, wrong),
      () => mysqlPools.createPool(mysqlPromises, wrong),
    ]) {
      expect(create).toThrow(TypeError)
      expect(create).toThrow(named)
    }
  })

  it.each([
    ['createPool of pg, the class for the module', () => pgPools.createPool(pg.Pool as never, follow), 'the module pg'],
    ['createPool of pg, nothing for the module', () => pgPools.createPool(undefined as never, follow), 'the module pg'],
    ['createPool of mysql2, another module', () => mysqlPools.createPool(pg as never, follow), 'the module mysql2'],
    ['attachPool of pg, a client', () => pgPools.attachPool(new pg.Client() as never, follow), 'a Pool of pg 8'],
    ['attachPool of pg, a pool of mysql2', () => pgPools.attachPool(mysql.createPool({}) as never, follow), 'a Pool of pg 8'],
    ['attachPool of mysql2, nothing', () => mysqlPools.attachPool(undefined as never, follow), 'a pool of mysql2 3'],
    ['attachPool of mysql2, a pool of pg', () => mysqlPools.attachPool(new pg.Pool() as never, follow), 'a pool of mysql2 3'],
    [
      'attachPool of mysql2, a cluster of pools',
      () => mysqlPools.attachPool(mysql.createPoolCluster() as never, follow),
      'a pool of mysql2 3',
    ],
    ['attachPool of pg, what the pool decides', () => pgPools.attachPool(new pg.Pool(), { ...follow, max: 2 } as never), 'max'],
    [
      'attachPool of mysql2, what the pool decides',
      () => mysqlPools.attachPool(mysql.createPool({}), { ...follow, connectionLimit: 2 } as never),
      'connectionLimit',
    ],
  ])('%s', (_, call, named) => {
    expect(call).toThrow(TypeError)
    expect(call).toThrow(named)
  })
})

it.each([
  ['an empty', ''],
  ['no', undefined],
])('%s secret id fails at once', (_, secretId) => {
  const options = { cache, secretId: secretId as string }
  for (const create of [() => pgPools.createPool(pg, options), () => mysqlPools.createPool(mysql, options)])
    expect(create).toThrow(expect.objectContaining({ code: 'ERR_SECRET_REQUEST' }))
})

it.each([
  ['mysql2 with callbacks', () => mysqlPools.attachPool(mysqlPools.createPool(mysql, follow), follow)],
  ['mysql2 with promises', () => mysqlPools.attachPool(mysqlPools.createPool(mysqlPromises, follow).pool, follow)],
])('a pool of %s that follows a secret is not made to follow another', (_, attachTwice) => {
  expect(attachTwice).toThrow(TypeError)
  expect(attachTwice).toThrow('already follows a secret')
})
