import { basename, dirname, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { fileSource } from '../../src/local/index.js'
import { openCache, patient, save, sourceOf } from './support.js'

const name = 'prod/db'
const realArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'

it.each([
  ['text', 'one', 'one'],
  ['an object', { username: 'app', password: 'one' }, '{"username":"app","password":"one"}'],
  ['an array', ['a', 1], '["a",1]'],
  ['null', null, 'null'],
  ['a key like any other', JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
  ['what only looks like bytes', { SecretBinary: 'no base64!' }, '{"SecretBinary":"no base64!"}'],
])('a JSON file has secrets by name: %s', async (_, value, string) => {
  const { source } = sourceOf({ [name]: value })
  expect(await source.get({ secretId: name }, patient)).toMatchObject({ name, string, versionStages: ['AWSCURRENT'] })
})

it.each(['.env', '.env.local', 'dev.env'])('the file %s has secrets as variables', async file => {
  const text = `prod/db='{"password":"a#b"}'\nexport PLAIN=one # a comment\n`
  const { source } = sourceOf(text, { name: file })
  expect(await source.get({ secretId: name }, patient)).toMatchObject({ string: '{"password":"a#b"}' })
  expect(await source.get({ secretId: 'PLAIN' }, patient)).toMatchObject({ string: 'one' })
})

it('a file may begin with a byte order mark', async () => {
  const { source } = sourceOf('\uFEFF{"prod/db":"one"}')
  expect(await source.get({ secretId: name }, patient)).toMatchObject({ string: 'one' })
})

it('a file is given by its absolute path, by one from the working directory, or by its URL', async () => {
  const { file } = sourceOf({ [name]: 'one' })
  for (const given of [file, relative(process.cwd(), file), pathToFileURL(file)])
    expect(await fileSource(given).get({ secretId: name }, patient)).toMatchObject({ string: 'one' })
})

it('a relative path stays that of the working directory in which the source was created', async () => {
  const { file } = sourceOf({ [name]: 'one' })
  const before = process.cwd()
  try {
    process.chdir(dirname(file))
    const source = fileSource(basename(file))
    process.chdir(before)
    expect(await source.get({ secretId: name }, patient)).toMatchObject({ string: 'one' })
  } finally {
    process.chdir(before)
  }
})

describe('an edit', () => {
  it('is a new version, and the one before is AWSPREVIOUS', async () => {
    const { source, file } = sourceOf({ [name]: 'one', other: 'same' })
    const first = await source.get({ secretId: name }, patient)
    const other = await source.get({ secretId: 'other' }, patient)
    save(file, { [name]: 'two', other: 'same' })
    const second = await source.get({ secretId: name }, patient)
    expect(second).toMatchObject({ string: 'two', versionStages: ['AWSCURRENT'] })
    expect(second.versionId).not.toBe(first.versionId)
    const previous = { ...first, versionStages: ['AWSPREVIOUS'] }
    expect(await source.get({ secretId: name, versionStage: 'AWSPREVIOUS' }, patient)).toEqual(previous)
    expect(await source.get({ secretId: name, versionId: first.versionId }, patient)).toEqual(previous)
    expect(await source.get({ secretId: 'other' }, patient)).toEqual(other)
  })

  it('that only changes the layout of the file is none', async () => {
    const { source, file } = sourceOf({ [name]: { password: 'one' } })
    const before = await source.get({ secretId: name }, patient)
    save(file, '\n{ "prod/db": {\n "password": "one" } }')
    expect(await source.get({ secretId: name }, patient)).toEqual(before)
  })

  it('back to an earlier value is a new version too, and a third one is no longer kept', async () => {
    const { source, file } = sourceOf({ [name]: 'one' })
    const first = await source.get({ secretId: name }, patient)
    for (const value of ['two', 'one']) {
      save(file, { [name]: value })
      await source.get({ secretId: name }, patient)
    }
    await expect(source.get({ secretId: name, versionId: first.versionId }, patient)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      code: 'ERR_SECRET_VERSION',
    })
  })

  it('has the date of the file at first, and then the time at which it was seen', async () => {
    const before = Date.now()
    const { source, file } = sourceOf({ [name]: 'one' })
    for (const value of ['one', 'two']) {
      save(file, { [name]: value })
      const { createdDate } = await source.get({ secretId: name }, patient)
      expect(Number(createdDate)).toBeGreaterThan(before - 1_000)
      expect(Number(createdDate)).toBeLessThan(Date.now() + 1_000)
    }
  })
})

it('a secret that is removed is scheduled for deletion, and the same again when it is put back', async () => {
  const { source, file } = sourceOf({ [name]: 'one' })
  const before = await source.get({ secretId: name }, patient)
  save(file, {})
  await expect(source.get({ secretId: name }, patient)).rejects.toMatchObject({
    code: 'ERR_SECRET_DELETED',
    message: `The secret prod/db is scheduled for deletion: It was removed from ${file}. Put it back there.`,
  })
  save(file, { [name]: 'one' })
  expect(await source.get({ secretId: name }, patient)).toEqual(before)
})

describe('ids', () => {
  it('name and ARN are one secret, of the account of the file', async () => {
    const { source } = sourceOf({ [name]: 'one' })
    const cache = openCache(source)
    const { arn } = await cache.getSecret(name)
    expect(arn).toMatch(/^arn:aws:secretsmanager:local:000000000000:secret:prod\/db-[A-Za-z0-9]{6}$/)
    await cache.getSecret(arn)
    expect(cache.stats()).toMatchObject({ hits: 1, loads: 1, entries: 1 })
  })

  it('the ARN depends on the name alone', async () => {
    const sources = ['one', 'two'].map(value => sourceOf({ [name]: value }).source)
    const [one, two] = await Promise.all(sources.map(source => source.get({ secretId: name }, patient)))
    expect(one?.arn).toBe(two?.arn)
  })

  it('the ARN of a real secret leads to the name in it, as full and as partial ARN', async () => {
    const { source } = sourceOf({ [name]: 'one' })
    const cache = openCache(source, { allowedAccounts: ['123456789012'] })
    expect(await cache.getSecret(realArn)).toMatchObject({ arn: realArn, name })
    expect(await cache.getSecretString(realArn.slice(0, -7))).toBe('one')
    expect(await cache.resolve(`${realArn}:::`)).toBe('one')
  })

  it('a name may end as a full ARN does', async () => {
    const { source } = sourceOf({ 'prod/db': 'short', 'prod/db-AbCdEf': 'long' })
    const { string, arn } = await source.get({ secretId: realArn }, patient)
    expect(string).toBe('long')
    expect(arn.startsWith(`${realArn}-`)).toBe(true)
  })
})

it('a warm-up reads all secrets and reports those that are not there', async () => {
  const names = Array.from({ length: 45 }, (_, index) => `s/${index}`)
  const { source } = sourceOf(Object.fromEntries(names.map(each => [each, each])))
  const cache = openCache(source)
  const report = await cache.warmup([...names, 'missing'])
  expect(report.slice(0, -1).every(({ outcome }) => outcome === 'loaded')).toBe(true)
  expect(report.at(-1)).toMatchObject({ secretId: 'missing', error: { code: 'ERR_SECRET_NOT_FOUND' } })
  expect(await cache.getSecretString('s/44')).toBe('s/44')
  expect(cache.stats()).toMatchObject({ hits: 1, loads: 46 })
})
