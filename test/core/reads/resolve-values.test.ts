import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/db'

let fake: FakeSecretsManager
let cache: SecretCache

beforeEach(() => {
  const clock = new ManualClock()
  fake = new FakeSecretsManager({ clock, secrets: { [id]: 'text', plain: 'text' } })
  cache = new SecretCache({ source: fake.source(), clock })
})

function resolveField(json: string, field: string): Promise<string> {
  fake.rotate(id, json)
  return cache.resolve(`{{resolve:secretsmanager:${id}:SecretString:${field}}}`)
}

describe('a field', () => {
  it.each([
    ['{"n":12345678901234567890}', '12345678901234567890'],
    ['{"n":1.0}', '1.0'],
    ['{ "n" : 1E+2 }', '1E+2'],
    ['{"n":-0}', '-0'],
    ['{"n":true}', 'true'],
    ['{"n":[1.0, {"n": 2}]}', '[1.0, {"n": 2}]'],
    ['{"a":{"n":1},"n":{"n":3.0}}', '{"n":3.0}'],
    ['{"a":[{"n":1}],"n":2.50}', '2.50'],
    ['{"n":1.0,"n":2.0}', '2.0'],
    ['{"n":1.0,"a":"n"}', '1.0'],
    ['{"a":{"n":2},"n":[{"n":3}],"b":{"n":4}}', '[{"n":3}]'],
    ['{"\\u006e":3.0}', '3.0'],
    ['{"a":"\\"n\\":5,","n":6.0,"b":"}{]["}', '6.0'],
    ['{"a":"\\\\","n":7.0}', '7.0'],
    ['{"n":"1.0"}', '1.0'],
    ['{"n":"a\\u0062c"}', 'abc'],
    ['{"n":""}', ''],
    ['{"n":{}}', '{}'],
  ])('that is no string comes as it stands in the secret: %s', async (json, expected) => {
    expect(await resolveField(json, 'n')).toBe(expected)
  })

  it.each([
    ['quotes', `"${'\\"'.repeat(20_000)}"`],
    ['brackets', '['.repeat(20_000) + ']'.repeat(20_000)],
    ['text', `"${'x'.repeat(60_000)}"`],
  ])('is found behind a lot of %s', async (_, before) => {
    expect(await resolveField(`{"a":${before},"n":8.0}`, 'n')).toBe('8.0')
  })

  it.each([
    ['[1,2]', 'length', 'is not an object'],
    ['[1,2]', '0', 'is not an object'],
    ['"text"', 'length', 'is not an object'],
    ['null', 'a', 'is not an object'],
    ['{"b":1}', 'a', 'has no field "a"'],
    ['{"b":1}', 'toString', 'has no field "toString"'],
    ['{"a":null}', 'a', 'The field "a" of prod/db is null.'],
  ])('that there is none is said in words of its own: %s, %s', async (json, field, said) => {
    const error = await rejectionOf(resolveField(json, field))
    expect(error).toMatchObject({ code: 'ERR_SECRET_FORMAT', secretId: id })
    expect(error.message).toContain(said)
  })

  it('that is missing is named, and none of those that are there', async () => {
    const error = await rejectionOf(resolveField('{"planted-key":"planted-value"}', 'a'))
    expect(`${error.message} ${error.hint} ${error.stack}`).not.toContain('planted')
  })
})

describe('a text with a malformed reference beside a good one', () => {
  it.each([
    '{{resolve:secretsmanager:}}',
    '{{resolve:secretsmanager}}',
    '{{resolve:secretsmanger:plain}}',
    '{{resolve:ssm:name}}',
    '{{resolve:ssm-secure:name:1}}',
    '{{ resolve:secretsmanager:plain }}',
    '{{Resolve:SecretsManager:plain}}',
    '{{resolve:secretsmanager:plain}',
    '{{resolve:secretsmanager:plain',
    '{resolve:secretsmanager:plain}}',
    '{{resolve:secretsmanager:{{resolve:secretsmanager:plain}}}}',
    '{{plain}}',
  ])('is rejected and not returned as text: %s', async malformed => {
    for (const text of [
      `{{resolve:secretsmanager:plain}} planted-7d1f ${malformed}`,
      `${malformed}{{resolve:secretsmanager:plain}}`,
    ]) {
      const error = await rejectionOf(cache.resolve(text))
      expect(error.code).toBe('ERR_SECRET_REQUEST')
      expect(`${error.stack} ${error.hint}`).not.toContain('planted-7d1f')
    }
    expect(fake.count()).toBe(0)
  })

  it('is told from JSON around references', async () => {
    const text = '{"a":{"b":"{{resolve:secretsmanager:plain}}"},"c":{}}'
    expect(await cache.resolve(text)).toBe('{"a":{"b":"text"},"c":{}}')
    expect(await cache.resolve('{"a":{{resolve:secretsmanager:plain}}}')).toBe('{"a":text}')
  })
})

it('a secret that AWS manages is referred to like any other', async () => {
  const name = 'rds!cluster-0f1e'
  const { arn } = fake.create(name, { username: 'app' })
  expect(await cache.resolve(`${arn}:username::`)).toBe('app')
  expect(await cache.resolve(`{{resolve:secretsmanager:${name}:SecretString:username}}`)).toBe('app')
  expect(await cache.resolve(name)).toBe('{"username":"app"}')
})

describe('a signal', () => {
  it('that has aborted ends it before a read', async () => {
    const reason = new Error('enough')
    const asked = cache.resolve('{{resolve:secretsmanager:plain}}', { signal: AbortSignal.abort(reason) })
    await expect(asked).rejects.toBe(reason)
    expect(fake.count()).toBe(0)
  })

  it('ends the waiting for a load', async () => {
    fake.inject({ hang: true })
    const controller = new AbortController()
    const asked = cache.resolve('plain', { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(asked).rejects.toThrow('enough')
  })

  it('is all that it takes', async () => {
    await expect(cache.resolve('plain', { versionStage: 'AWSPREVIOUS' } as never)).rejects.toThrow(
      new TypeError('Unknown option "versionStage" of resolve. Known options: signal.'),
    )
  })
})
