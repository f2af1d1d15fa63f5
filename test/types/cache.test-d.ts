import { type } from 'arktype'
import * as v from 'valibot'
import { expectTypeOf, test, vi } from 'vitest'
import { z } from 'zod'
import {
  DatabaseSecret,
  type DeepReadonly,
  type Listening,
  type OutputOf,
  type Secret,
  SecretCache,
  SecretCacheError,
  type SecretHandle,
  type SecretReader,
  type StandardSchema,
} from '../../src/index.js'
import { liteSource } from '../../src/lite/index.js'

declare const cache: SecretCache

interface Db {
  username: string
  tags: string[]
}
type FrozenDb = { readonly username: string; readonly tags: readonly string[] }

test('getSecretJson has the type that its schema puts out, whatever library it is of', () => {
  expectTypeOf(cache.getSecretJson('id', z.object({ port: z.coerce.number() }))).resolves.toEqualTypeOf<{
    readonly port: number
  }>()
  expectTypeOf(cache.getSecretJson('id', v.object({ tags: v.array(v.string()) }))).resolves.toEqualTypeOf<{
    readonly tags: readonly string[]
  }>()
  expectTypeOf(cache.getSecretJson('id', type({ username: 'string' }))).resolves.toEqualTypeOf<{ readonly username: string }>()
  expectTypeOf(cache.getSecretJson('id', DatabaseSecret, {})).resolves.toEqualTypeOf<DeepReadonly<DatabaseSecret>>()
  const branded = z.object({ id: z.string().brand<'UserId'>() })
  expectTypeOf(cache.getSecretJson('id', branded)).resolves.toEqualTypeOf<{ readonly id: string & z.core.$brand<'UserId'> }>()
})

test('a generic wrapper infers through the schema', () => {
  async function load<Schema extends StandardSchema>(id: string, schema: Schema): Promise<DeepReadonly<OutputOf<Schema>>> {
    return cache.getSecretJson(id, schema)
  }
  expectTypeOf(load('id', z.object({ tags: z.array(z.string()) }))).resolves.toEqualTypeOf<{ readonly tags: readonly string[] }>()
  function follow<Schema extends StandardSchema>(id: string, schema: Schema): SecretHandle<OutputOf<Schema>> {
    return cache.handle(id, { schema })
  }
  expectTypeOf(follow('id', z.object({ a: z.string() })).get()).resolves.toEqualTypeOf<{ readonly a: string }>()
})

test('a schema may be undefined', () => {
  const schema = undefined as StandardSchema<Db> | undefined
  expectTypeOf(cache.getSecretJson('id', schema)).resolves.toEqualTypeOf<FrozenDb>()
  expectTypeOf(cache.handle('id', { schema }).get()).resolves.toEqualTypeOf<FrozenDb>()
  expectTypeOf(({} as Secret).json(schema)).toEqualTypeOf<FrozenDb>()
  function load<T>(id: string, own?: StandardSchema<T>): Promise<DeepReadonly<T>> {
    return cache.getSecretJson(id, own)
  }
  expectTypeOf(load<Db>('id')).resolves.toEqualTypeOf<FrozenDb>()
})

test('without a schema the type is the caller’s word, and options stand in the second place', () => {
  expectTypeOf(cache.getSecretJson('id')).resolves.toEqualTypeOf<unknown>()
  expectTypeOf(cache.getSecretJson<Db>('id')).resolves.toEqualTypeOf<FrozenDb>()
  expectTypeOf(cache.getSecretJson<Db>('id', { versionStage: 'AWSPREVIOUS' })).resolves.toEqualTypeOf<FrozenDb>()
  expectTypeOf(cache.getSecretJson<Db>('id', undefined, { versionStage: 'AWSPREVIOUS' })).resolves.toEqualTypeOf<FrozenDb>()
  // @ts-expect-error: no such option
  void cache.getSecretJson<Db>('id', { maxAge: 60 })
  // @ts-expect-error: neither a schema nor options
  void cache.getSecretJson('id', 'json')
})

test('what waits takes a signal, also where it may be undefined', () => {
  const signal = undefined as AbortSignal | undefined
  void cache.resolve('id', { signal })
  void cache.warmup(['id'], { signal })
  void cache.handle('id').get({ signal })
  void cache.refreshNow('id', { signal, ifVersion: undefined, versionStage: undefined })
  void cache.withSecret('id', secret => secret.text(), { isAuthError: () => false, versionStage: 'AWSPREVIOUS', signal })
  void cache.getSecretString('id', { signal, versionId: undefined, versionStage: undefined })
  cache.peek('id', { versionStage: undefined })
})

test('every option may be undefined', () => {
  new SecretCache({
    region: process.env.AWS_REGION,
    ttlMs: undefined,
    backoff: { factor: undefined },
    perSecret: { a: undefined },
  })
  new SecretCache({ perSecret: { a: { ttlMs: undefined, backoff: undefined } }, allowedAccounts: undefined, clock: undefined })
  liteSource({ region: process.env.AWS_REGION, endpoint: process.env.AWS_ENDPOINT_URL })
})

test('listeners take once and signal, and leave with using', () => {
  const listening = cache.on('rotated', async event => void event.versionId, { once: true, signal: undefined })
  expectTypeOf(listening).toEqualTypeOf<Listening>()
  expectTypeOf(listening).toExtend<Disposable>()
  expectTypeOf(listening).toExtend<() => void>()
  expectTypeOf(cache.handle('id').on('rotated', () => {}, { once: true })).toEqualTypeOf<Listening>()
})

test('a cache is a SecretReader, and so is what a test makes', () => {
  expectTypeOf<SecretCache>().toExtend<SecretReader>()
  const mock: SecretReader = {
    getSecretString: async () => 'text',
    getSecretBinary: async () => Buffer.alloc(0),
    getSecretJson: vi.fn(),
    getSecret: vi.fn(),
    peek: () => undefined,
  }
  expectTypeOf(mock.getSecretJson('id', DatabaseSecret)).resolves.toEqualTypeOf<DeepReadonly<DatabaseSecret>>()
})

test('a Secret is an interface that a test can implement', () => {
  const secret: Secret = {
    arn: '',
    name: '',
    versionId: '',
    versionStages: [],
    createdDate: undefined,
    ageMs: 0,
    stale: false,
    text: () => '',
    bytes: () => Buffer.alloc(0),
    json: vi.fn(),
    toJSON: () => ({ arn: '', name: '', versionId: '', versionStages: [] }),
  }
  expectTypeOf(secret.json(DatabaseSecret)).toEqualTypeOf<DeepReadonly<DatabaseSecret>>()
  expectTypeOf(secret.json<Db>()).toEqualTypeOf<FrozenDb>()
})

test('a subclass of SecretCacheError may have a name of its own', () => {
  class VaultError extends SecretCacheError {
    override readonly name = 'VaultError' as const
  }
  expectTypeOf(new VaultError({ code: 'ERR_SECRET_CONFIG' as never, message: '' }).name).toEqualTypeOf<'VaultError'>()
})
