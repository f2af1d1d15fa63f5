import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import type { FakeVersion } from '../../../src/testing/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/db'

let cache: SecretCache
let first: FakeVersion

useFake()

beforeEach(() => {
  first = fake.create(id, {
    username: 'app',
    password: 'one $& {{resolve:secretsmanager:plain}}',
    port: 5432,
    none: null,
    list: [1],
  })
  fake.create('plain', 'text')
  cache = new SecretCache({ source: fake.source(), clock })
})

describe('a reference as valueFrom of a container definition', () => {
  it.each([
    ['the whole text', () => 'plain', 'text'],
    ['one field', () => `${first.arn}:username::`, 'app'],
    ['a field without what may follow', () => `${first.arn}:username`, 'app'],
    ['a number', () => `${first.arn}:port::`, '5432'],
    ['a list', () => `${first.arn}:list::`, '[1]'],
    ['a field of a stage', () => `${first.arn}:username:AWSCURRENT:`, 'app'],
    ['a field of a version', () => `${first.arn}:username::${first.versionId}`, 'app'],
    ['a partial ARN', () => `${first.arn.slice(0, -7)}:username::`, 'app'],
  ])('names %s', async (_, reference, expected) => {
    expect(await cache.resolve(reference())).toBe(expected)
  })

  it('reads the version or stage that it names', async () => {
    fake.rotate(id, { username: 'next' })
    expect(await cache.resolve(`${first.arn}:username::`)).toBe('next')
    expect(await cache.resolve(`${first.arn}:username:AWSPREVIOUS:`)).toBe('app')
    expect(await cache.resolve(`${first.arn}:username::${first.versionId}`)).toBe('app')
  })

  it('with a stage and no field is the whole text of that stage', async () => {
    fake.rotate('plain', 'newer')
    const { arn } = await cache.getSecret('plain')
    expect(await cache.resolve(`${arn}::AWSPREVIOUS:`)).toBe('text')
  })
})

describe('a text with references in it', () => {
  it('keeps everything around them, and what a value looks like is not looked at', async () => {
    const text = `user={{resolve:secretsmanager:${id}:SecretString:username}} password={{resolve:secretsmanager:${id}:SecretString:password}}!`
    expect(await cache.resolve(text)).toBe('user=app password=one $& {{resolve:secretsmanager:plain}}!')
    expect(fake.count()).toBe(1)
  })

  it.each([
    ['{{resolve:secretsmanager:plain}}', 'text'],
    ['{{resolve:secretsmanager:plain:SecretString}}', 'text'],
    ['{{resolve:secretsmanager:plain:SecretString:::}}', 'text'],
    ['{{resolve:secretsmanager:plain:SecretString::AWSCURRENT}}', 'text'],
    ['{{resolve:secretsmanager:plain}}{{resolve:secretsmanager:plain}}', 'texttext'],
  ])('%s is read', async (reference, expected) => {
    expect(await cache.resolve(reference)).toBe(expected)
  })

  it('fails as a whole if one of them cannot be read', async () => {
    const text = `{{resolve:secretsmanager:plain}} {{resolve:secretsmanager:missing}}`
    await expect(cache.resolve(text)).rejects.toMatchObject({ code: 'ERR_SECRET_NOT_FOUND', secretId: 'missing' })
  })

  it('that names no secret is refused without being quoted: what stands beside a reference may be a password', async () => {
    const error = await rejectionOf(cache.resolve('postgres://app:planted-7d1f@db/{{resolve:ssm:name}}'))
    expect(error.code).toBe('ERR_SECRET_REQUEST')
    expect(`${error.stack} ${error.hint}`).not.toContain('planted-7d1f')
  })
})

describe('what cannot be resolved', () => {
  it.each([
    ['a field that is not there', () => `${first.arn}:missing::`, 'ERR_SECRET_FORMAT', 'missing'],
    ['a field that is null', () => `${first.arn}:none::`, 'ERR_SECRET_FORMAT', 'none'],
    ['too many parts', () => `${first.arn}:a:b:c:d`, 'ERR_SECRET_REQUEST', 'not a valid secret reference'],
    ['another service', () => '{{resolve:ssm:x}}', 'ERR_SECRET_REQUEST', 'not a valid secret reference'],
    ['a field of every object', () => `${first.arn}:constructor::`, 'ERR_SECRET_FORMAT', 'constructor'],
    ['a field of a text', () => '{{resolve:secretsmanager:plain:SecretString:length}}', 'ERR_SECRET_FORMAT', 'plain'],
    ['too much after the ARN', () => `${first.arn}:username:::more`, 'ERR_SECRET_REQUEST', 'not a valid secret reference'],
    ['SecretBinary', () => '{{resolve:secretsmanager:plain:SecretBinary}}', 'ERR_SECRET_REQUEST', 'not a valid secret reference'],
    ['nothing', () => '', 'ERR_SECRET_REQUEST', 'empty'],
    ['the ARN of something else', () => 'arn:aws:ssm:eu-west-1:123456789012:parameter/x', 'ERR_SECRET_REQUEST', 'not the ARN'],
  ])('%s is named', async (_, reference, code, said) => {
    const error = await rejectionOf(cache.resolve(reference()))
    expect(error.code).toBe(code)
    expect(error.message).toContain(said)
  })

  it('a plain connection string is neither sent to the service nor quoted', async () => {
    const error = await rejectionOf(cache.resolve('postgres://app:planted-7d1f@db/app'))
    expect(error.code).toBe('ERR_SECRET_REQUEST')
    expect(`${error.stack} ${error.hint}`).not.toContain('planted-7d1f')
    expect(fake.count()).toBe(0)
  })

  it('a text with one malformed reference is refused before the others are read, so that no failure goes unheard', async () => {
    const text = '{{resolve:secretsmanager:missing}} {{resolve:secretsmanager:plain:SecretBinary}}'
    expect((await rejectionOf(cache.resolve(text))).code).toBe('ERR_SECRET_REQUEST')
    expect(fake.count()).toBe(0)
  })

  it('a binary secret is said to be one', async () => {
    fake.create('bytes', Buffer.from([0, 255]))
    await expect(cache.resolve('bytes')).rejects.toMatchObject({ code: 'ERR_SECRET_FORMAT', secretId: 'bytes' })
  })

  it.each([undefined, null, 5, {}])('%j is a TypeError', async reference => {
    await expect(cache.resolve(reference as never)).rejects.toThrow(new TypeError('resolve takes a reference as text.'))
  })
})
