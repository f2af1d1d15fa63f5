import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { serialize } from 'node:v8'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { type as ark } from 'arktype'
import * as v from 'valibot'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  DatabaseSecret,
  SecretCache,
  SecretCacheError,
  type SecretSource,
  type SecretValue,
  type StandardSchema,
} from '../../../src/index.js'
import { everythingVisibleIn } from '../../support/doors.js'
import { rejectionOf } from '../../support/rejection.js'
import { startScript } from '../../support/typescript-process.js'

const planted = 'planted-7d1f'
const id = 'prod/db'

const good: SecretValue = {
  arn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${id}-AbCdEf`,
  name: id,
  versionId: 'v1',
  versionStages: ['AWSCURRENT'],
  string: JSON.stringify({ username: planted, password: planted, [`${planted} ?`]: planted }),
}

function cacheOf(source: Partial<SecretSource> = {}): SecretCache {
  return new SecretCache({ source: { get: async () => good, ...source } })
}

describe('a good answer is not seen', () => {
  it.each<[string, (cache: SecretCache) => unknown]>([
    ['the cache', cache => cache],
    ['a Secret', cache => cache.peek(id)],
    ['a handle', cache => cache.handle(id, { schema: DatabaseSecret })],
    ['stats', cache => cache.stats()],
    ['a warm-up report', cache => cache.warmup([id])],
    ['the prototype of a Secret', cache => Object.getPrototypeOf(cache.peek(id))],
    ['a copy of a Secret', cache => ({ ...cache.peek(id) })],
    ['a clone of a Secret', cache => structuredClone(cache.peek(id))],
    ['a Secret sent to a worker', cache => serialize(cache.peek(id)).toString('latin1')],
    ['a Secret in a text', cache => `${cache.peek(id)} ${cache.handle(id)}`],
    [
      'a Secret within other things',
      cache => inspect({ deep: [new Map([[id, cache.peek(id)]])] }, { depth: null, showHidden: true }),
    ],
    [
      'a Secret with its getters shown',
      cache => inspect(cache.peek(id), { getters: true, showHidden: true, customInspect: false }),
    ],
    ['a handle with its own getters shown', cache => inspect(cache.handle(id), { getters: true, showHidden: true })],
    ['a table of Secrets', cache => Object.entries({ ...(cache.peek(id) as object) })],
  ])('in %s', async (_, look) => {
    const cache = cacheOf()
    await cache.getSecretJson(id, DatabaseSecret)
    expect(await cache.getSecretString(id)).toContain(planted)
    expect(everythingVisibleIn(await look(cache))).not.toContain(planted)
  })
})

describe('what a validator says of it is not seen', () => {
  const issue = { message: planted, path: ['password', { key: `${planted}!` }], received: planted, input: { planted } }
  it.each<[string, StandardSchema]>([
    ['zod', z.strictObject({ username: z.literal('x'), password: z.enum(['x']) })],
    ['zod with a message', z.object({ password: z.string().refine(() => false, { error: ({ input }) => `not ${input}` }) })],
    ['a record of zod', z.record(z.string(), z.number())],
    ['valibot', v.strictObject({ username: v.literal('x'), password: v.picklist(['x']) })],
    ['arktype', ark({ '+': 'reject', username: "'x'", password: 'string.email' })],
    ['DatabaseSecret', DatabaseSecret],
    ['a validator of issues', { '~standard': { version: 1, vendor: 'x', validate: () => ({ issues: [issue, issue] }) } }],
    [
      'a validator that throws',
      {
        '~standard': {
          version: 1,
          vendor: 'x',
          validate: value => {
            throw Object.assign(new Error(JSON.stringify(value)), { value })
          },
        },
      },
    ],
    [
      'a validator that throws an error of ours',
      {
        '~standard': {
          version: 1,
          vendor: 'x',
          validate: async value => {
            throw new SecretCacheError({ code: 'ERR_SECRET_SCHEMA', message: JSON.stringify(value), cause: value, hint: planted })
          },
        },
      },
    ],
  ])('by %s', async (vendor, schema) => {
    const string = vendor === 'DatabaseSecret' ? `{"username": "${planted}"}` : String(good.string)
    const cache = cacheOf({ get: async () => ({ ...good, string }) })
    const secret = await cache.getSecret(id)
    const refusal = await rejectionOf(cache.getSecretJson(id, schema))
    expect(refusal.code).toBe('ERR_SECRET_SCHEMA')
    const thrown = await rejectionOf(new Promise(resolve => resolve(secret.json(schema))))
    expect(thrown.code).toBe('ERR_SECRET_SCHEMA')
    expect(everythingVisibleIn([refusal, thrown])).not.toContain(planted)
  })
})

describe('what a source throws is not seen', () => {
  const nested = Object.assign(new Error(planted), { code: planted, cause: { planted } })
  it.each<[string, unknown]>([
    ['__type', Object.assign(new Error('x'), { __type: planted, Code: planted, $fault: planted })],
    ['a symbol', Object.assign(new Error('x'), { [Symbol(planted)]: planted })],
    ['a field that is not enumerable', Object.defineProperty(new Error('x'), 'body', { value: planted })],
    ['causes of causes', new Error('x', { cause: new Error('y', { cause: new AggregateError([nested], planted) }) })],
    ['a stack', Object.assign(new Error('x'), { stack: planted })],
    ['an error of ours', new SecretCacheError({ code: 'ERR_SECRET_UNAVAILABLE', message: planted, cause: nested })],
    ['a response', Object.assign(new Error('x'), { $response: { statusCode: 200, body: planted, headers: { planted } } })],
    [
      'extended metadata',
      Object.assign(new Error('x'), { $metadata: { extendedRequestId: planted, requestId: `${planted}-0000` } }),
    ],
    ['a class called so', new (class Planted extends Error {})(planted)],
  ])('in %s', async (_, thrown) => {
    const told: unknown[] = []
    const cache = cacheOf({ get: () => Promise.reject(thrown), getMany: () => Promise.reject(thrown) })
    cache.on('error', event => told.push(event))
    told.push(await rejectionOf(cache.getSecret(id)), await cache.warmup([id, 'a', 'b', 'c', 'd', 'e']), cache)
    expect(told.length).toBeGreaterThan(3)
    expect(everythingVisibleIn(told)).not.toContain(planted)
  })

  it('in an error of a batch', async () => {
    const ids = ['a', 'b', 'c', 'd', id]
    const errors = ids.map(secretId => ({ secretId, code: planted, message: planted }))
    const report = await cacheOf({ getMany: async () => ({ values: [], errors }) }).warmup(ids)
    expect(report.map(({ outcome }) => outcome)).toEqual(ids.map(() => 'failed'))
    expect(everythingVisibleIn(report)).not.toContain(planted)
  })
})

describe('what the SDK makes of an answer that no service gives is not seen', () => {
  let server: Server

  afterEach(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  const body = { SecretString: planted, Name: planted, ARN: planted }
  it.each<[string, number, string]>([
    ['fields beside a known exception', 400, JSON.stringify({ ...body, __type: 'AccessDeniedException', Message: 'no' })],
    ['a namespace of the exception', 400, JSON.stringify({ ...body, __type: `com.amazonaws#${planted}` })],
    ['an exception without a name', 400, JSON.stringify(body)],
    ['an error page', 502, `<html>${planted}</html>`],
    ['no JSON at all', 200, planted],
    ['JSON of another shape', 200, JSON.stringify([planted])],
    ['a number for a text', 200, JSON.stringify({ ...good, ARN: good.arn, Name: id, VersionId: 5, SecretString: { planted } })],
    ['bytes that are no base64', 200, JSON.stringify({ ARN: good.arn, Name: id, VersionId: 'v', SecretBinary: `${planted}*` })],
    [
      'a date that is none',
      200,
      JSON.stringify({ ARN: good.arn, Name: id, VersionId: 'v', CreatedDate: planted, SecretString: planted }),
    ],
  ])('with %s', async (_, status, text) => {
    server = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': planted }).end(text)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' }
    const client = new SecretsManagerClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 })
    const cache = new SecretCache({ client })
    const told: unknown[] = [cache]
    cache.on('error', event => told.push(event))
    const outcomes = [cache.getSecret(id), cache.getSecretJson(id), cache.getSecretBinary(id)]
    for (const outcome of outcomes) await outcome.catch(error => told.push(error))
    told.push(await cache.warmup(['a', 'b', 'c', 'd', 'e']))
    client.destroy()
    expect(told.length).toBeGreaterThan(3)
    expect(everythingVisibleIn(told)).not.toContain(planted)
  })
})

it('nothing is seen in what a process prints that handles no rejection and hears no event', async () => {
  const { ended } = await startScript(
    `import { SecretCache, DatabaseSecret } from 'awscurrent'
     const string = '{"username": "${planted}", "password": ${planted}'
     const answers = [${JSON.stringify(good)}, { ...${JSON.stringify(good)}, string }]
     const cache = new SecretCache({ ttlMs: 0, source: { get: async () => answers.shift() ?? Promise.reject(new Error('${planted}')) } })
     const secret = await cache.getSecret('${id}')
     console.log(secret, cache, cache.handle('${id}'), [secret], JSON.stringify({ secret }), String(secret))
     cache.delete('${id}')
     await cache.getSecret('${id}')
     cache.delete('${id}')
     process.on('exit', () => console.log('ended'))
     cache.getSecretJson('${id}', DatabaseSecret)`,
    {},
  )
  const { code, stdout, stderr } = await ended
  expect(code).toBe(1)
  expect(stdout).toContain('ended')
  expect(stderr).toContain('ERR_SECRET_UNAVAILABLE')
  expect(stdout + stderr).not.toContain(planted)
})
