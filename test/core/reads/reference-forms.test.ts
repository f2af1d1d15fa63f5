import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/db'
const password = '{{resolve:secretsmanager:prod/db:SecretString:password}}'

let fake: FakeSecretsManager
let cache: SecretCache

function reference(key: string, secretId = id): string {
  return `{{resolve:secretsmanager:${secretId}:SecretString:${key}}}`
}

beforeEach(() => {
  const clock = new ManualClock()
  fake = new FakeSecretsManager({ clock, secrets: { [id]: '{"username":"app","password":"hunter2"}' } })
  cache = new SecretCache({ source: fake.source(), clock })
})

describe('a malformed reference beside a good one', () => {
  const malformed = [
    '{{resolve:secretsmanager:prod/db:SecretString:password',
    '{{resolve:secretsmanager:prod/db:SecretString:password}',
    '{{resolve:secretsmanager:}}',
    '{{resolve:secretsmanager}}',
    '{{resolve:secretsmanager:prod/{db}}}',
    '{{resolve:secretsmanager:prod/db:SecretBinary:password}}',
  ]
  const table = malformed.flatMap(bad => [[`${password} ${bad}`], [`${bad} ${password}`], [`postgres://${password}@${bad}/app`]])
  it.each(table)('is rejected, and not returned as text: %s', async text => {
    const error = await rejectionOf(cache.resolve(text))
    expect(error.code).toBe('ERR_SECRET_REQUEST')
    expect(`${error.message} ${error.hint}`).not.toContain('hunter2')
    expect(`${error.message} ${error.hint}`).not.toContain('postgres:')
  })

  it('is not made of the braces around one', async () => {
    expect(await cache.resolve(`{${password}{`)).toBe('{hunter2{')
  })

  it('is told with the forms that there are', async () => {
    const { hint } = await rejectionOf(cache.resolve('{{resolve:ssm:name}}'))
    expect(hint).toMatch(/<ARN>.*\{\{resolve:secretsmanager:/)
  })

  it('is not looked for in what a secret holds', async () => {
    fake.rotate(id, JSON.stringify({ username: '{{resolve:secretsmanager:', password: '{{' }))
    expect(await cache.resolve(`${reference('username')} ${password}`)).toBe('{{resolve:secretsmanager: {{')
  })
})

describe('a JSON value that a reference names is returned as it stands in the secret', () => {
  it.each([
    ['12345678901234567890'],
    ['-12345678901234567890.5'],
    ['1.0'],
    ['1.10'],
    ['1e3'],
    ['1E+400'],
    ['-0'],
    ['0.1000000000000000055511151231257827'],
    ['true'],
    ['false'],
    ['{"max":12345678901234567890,"ratio":1.0}'],
    ['[1.0,[2.00],{"n":3e0}]'],
  ])('%s', async value => {
    fake.rotate(id, `{"before":[{"field":1}],"field":${value},"after":{"field":"no"}}`)
    expect(await cache.resolve(reference('field'))).toBe(value)
    const { arn } = await cache.getSecret(id)
    expect(await cache.resolve(`${arn}:field::`)).toBe(value)
    expect(await cache.resolve(reference('field', arn))).toBe(value)
  })

  it.each([
    ['{"field":"two","field":"three"}', 'three'],
    ['{"other":"field","x":{"field":1.0},"f\\u0069eld":"escaped"}', 'escaped'],
    ['{ "a" : "\\"field\\":1.0" ,\n\t"field" :\r\n 2.0 }', '2.0'],
    ['{"field":"\\u00e9\\n\\"1.0\\""}', 'é\n"1.0"'],
    ['{"__proto__":{"field":1},"field":7.0}', '7.0'],
  ])('also from a text such as %s', async (text, expected) => {
    fake.rotate(id, text)
    expect(await cache.resolve(reference('field'))).toBe(expected)
  })
})

describe('a field that is no field of a JSON object', () => {
  it.each([
    ['[1,2,3]', 'length'],
    ['[]', 'length'],
    ['"text"', 'length'],
    ['{"a":1}', 'toString'],
    ['{"a":1}', '__proto__'],
  ])('is not found: %s has no field %s', async (text, key) => {
    fake.rotate(id, text)
    await expect(cache.resolve(reference(key))).rejects.toMatchObject({ code: 'ERR_SECRET_FORMAT' })
  })
})

it('a field that is null is there: nobody is told that there is no such field', async () => {
  fake.rotate(id, '{"field":null}')
  const outcome = await cache.resolve(reference('field')).catch(error => String(error.message))
  expect(outcome).toContain('null')
  expect(outcome).not.toContain('no field')
})
