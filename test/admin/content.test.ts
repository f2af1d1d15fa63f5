import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSecret, putSecretValue } from '../../src/admin/index.js'
import { DatabaseSecret, SecretCache } from '../../src/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { everythingVisibleIn } from '../support/doors.js'
import { rejectionOf } from '../support/rejection.js'

const planted = 'planted-value'
const id = 'prod/db'

let fake: FakeSecretsManager
let cache: SecretCache

beforeEach(() => {
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' } })
  cache = new SecretCache({ client: fake.client() })
})
afterEach(() => cache.close())

describe('an object', () => {
  it('is written as JSON, and read as such', async () => {
    const written = await putSecretValue(cache, id, { username: 'app', password: 'two', port: 5432, tags: ['a', null, true] })
    expect(written.text()).toBe('{"username":"app","password":"two","port":5432,"tags":["a",null,true]}')
    expect((await cache.refreshNow(id)).text()).toBe(written.text())
    expect(await cache.getSecretJson(id, DatabaseSecret)).toMatchObject({ username: 'app', password: 'two' })
  })

  it('may be an array, of another realm, or without a prototype, and a secret may be made of it', async () => {
    const bare = Object.assign(Object.create(null) as object, { key: 'one' })
    expect((await createSecret(cache, 'list', ['a', 'b'])).text()).toBe('["a","b"]')
    expect((await createSecret(cache, 'bare', bare)).text()).toBe('{"key":"one"}')
  })

  it('with members that say how they are written is written so; undefined ones are left out', async () => {
    const value = { at: new Date(0), url: new URL('https://db.internal/'), none: undefined }
    expect((await putSecretValue(cache, id, value)).text()).toBe('{"at":"1970-01-01T00:00:00.000Z","url":"https://db.internal/"}')
  })

  it('that is changed after the call is written as it was', async () => {
    const value = { key: 'two' }
    const written = putSecretValue(cache, id, value)
    value.key = 'changed'
    expect((await written).text()).toBe('{"key":"two"}')
  })
})

it('bytes stay bytes, those of a Buffer too', async () => {
  await putSecretValue(cache, id, Buffer.from([1, 2, 3]))
  expect((await cache.refreshNow(id)).bytes()).toEqual(Buffer.from([1, 2, 3]))
})

const circle: Record<string, unknown> = { [planted]: planted }
circle[planted] = { [planted]: circle }

class Credentials {
  readonly password = planted
}

describe('what JSON cannot carry is a TypeError that tells nothing of the value, and nothing is sent:', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['a boolean', true],
    ['a BigInt', 5n],
    ['a function', () => planted],
    ['a symbol', Symbol(planted)],
    ['a Date', new Date(0)],
    ['a Map', new Map([[planted, planted]])],
    ['an instance of a class', new Credentials()],
    ['an ArrayBuffer', new ArrayBuffer(2)],
    ['a BigInt in it', { [planted]: 5n }],
    ['a function in it', { [planted]: () => planted }],
    ['a symbol in it', { [planted]: Symbol(planted) }],
    ['a number that is not finite in it', { [planted]: Number.NaN }],
    ['a Map in it', { [planted]: new Map([[planted, planted]]) }],
    ['bytes in it', { [planted]: new Uint8Array([1]) }],
    ['a cycle', circle],
    [
      'a getter that throws',
      {
        get [planted]() {
          throw new Error(planted)
        },
      },
    ],
    ['a toJSON of its own that gives nothing', { toJSON: () => undefined }],
  ])('%s', async (_, value) => {
    const error = await rejectionOf(putSecretValue(cache, id, value as object))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toMatch(/^The value of a secret /)
    expect(everythingVisibleIn(error)).not.toContain(planted)
    expect(fake.count()).toBe(0)
  })
})
