import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { unreadableBy } from '../../src/local/file-errors.js'
import { fileSource } from '../../src/local/index.js'
import { openCache, patient, save, sourceOf } from './support.js'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

function removed(file: string): string {
  rmSync(file)
  return file
}

const planted = 'planted-by-the-test'

describe('a file that cannot be read', () => {
  it.each([
    ['a missing file', (file: string) => rmSync(file), 'does not exist'],
    ['a directory', (file: string) => mkdirSync(removed(file)), 'is a directory'],
    ['a device', (file: string) => symlinkSync('/dev/null', removed(file)), 'is not a regular file'],
    ['an empty file', (file: string) => save(file, ' \n'), 'is empty'],
    ['half of a file', (file: string) => save(file, `{"prod/db":"${planted}`), 'is not valid JSON'],
    ['a comma too many', (file: string) => save(file, `{"prod/db":"${planted}",}`), 'is not valid JSON'],
    ['an array', (file: string) => save(file, [planted]), 'is not a JSON object'],
    ['a text', (file: string) => save(file, JSON.stringify(planted)), 'is not a JSON object'],
  ])('%s: ERR_SECRET_CONFIG, and nothing of it is quoted', async (_, damage, fault) => {
    const { source, file } = sourceOf({})
    damage(file)
    const error = await source.get({ secretId: 'prod/db' }, patient).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_SECRET_CONFIG', hint: expect.any(String) })
    expect(String(error)).toContain(`${file} ${fault}`)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(planted.slice(0, 7))
  })

  it('fails a first read, with the file in the message', async () => {
    const { source, file } = sourceOf(`{"prod/db":"${planted}`)
    const error = await openCache(source)
      .getSecretString('prod/db')
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'ERR_SECRET_CONFIG',
      message: `The secret prod/db could not be read: ${file} is not valid JSON. It must be an object whose keys are the names of secrets; JSON has neither comments nor trailing commas.`,
    })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(planted.slice(0, 7))
  })

  it.each([
    ['EACCES', 'may not be read by this process'],
    ['EPERM', 'may not be read by this process'],
    ['ENOTDIR', 'does not exist'],
    ['EIO', 'could not be read: EIO'],
  ])('%s: its meaning is given', (code, fault) => {
    const error = unreadableBy(Object.assign(new Error(planted), { code }), '/secrets.json')
    expect(error).toMatchObject({ code: 'ERR_SECRET_CONFIG', message: expect.stringMatching(`^/secrets.json ${fault}`) })
    expect(inspect(error)).not.toContain(planted)
  })

  it('leaves the last known good', async () => {
    const { source, file } = sourceOf({ 'prod/db': 'one' })
    const cache = openCache(source, { ttlMs: 0, staleWhileRevalidateMs: 0 })
    await cache.getSecretString('prod/db')
    save(file, '{"prod/db":')
    expect(await cache.getSecretString('prod/db')).toBe('one')
    await expect(cache.refreshNow('prod/db')).rejects.toMatchObject({
      code: 'ERR_SECRET_CONFIG',
      message: expect.stringMatching(
        /^The secret prod\/db could not be read: .*secrets\.json is not valid JSON\. It must be an object/,
      ),
    })
  })

  it('is waited for if it is only a moment late', async () => {
    const { source, file } = sourceOf({})
    rmSync(file)
    const reading = openCache(source).getSecretString('prod/db')
    await source.get({ secretId: 'prod/db' }, patient).catch(() => save(file, { 'prod/db': 'one' }))
    expect(await reading).toBe('one')
  })
})

describe('a secret that is not there', () => {
  it.each([
    ['prod/dbb', { 'prod/db': 'one' }, 'Did you mean "prod/db"?'],
    ['staging', { 'prod/db': 'one' }, 'Add it there.'],
    ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/dbb-AbCdEf', { 'prod/db': 'one' }, 'Did you mean "prod/db"?'],
  ])('%s: the message names the file and the remedy', async (secretId, contents, hint) => {
    const { source, file } = sourceOf(contents)
    const message = `The secret ${secretId} does not exist: ${file} has no secret of that name. ${hint}`
    await expect(source.get({ secretId }, patient)).rejects.toMatchObject({ name: 'ResourceNotFoundException', message })
    await expect(openCache(source).getSecretString(secretId)).rejects.toMatchObject({
      name: 'SecretCacheError',
      code: 'ERR_SECRET_NOT_FOUND',
      secretId,
      message,
    })
  })

  it('the variable that could have it is named', async () => {
    const { source } = sourceOf({}, { env: 'SECRET_' })
    const hint = 'Add it there, or set SECRET_STAGING_API_KEY.'
    await expect(source.get({ secretId: 'staging/api-key' }, patient)).rejects.toMatchObject({ hint })
  })
})

it.each(['AWSPENDING', 'AWSPREVIOUS', 'MINE'])(
  'a secret that was not edited has no version with the label %s',
  async versionStage => {
    const { source } = sourceOf({ 'prod/db': 'one' })
    await expect(openCache(source).getSecret('prod/db', { versionStage })).rejects.toMatchObject({
      code: 'ERR_SECRET_VERSION',
      message: `The secret prod/db has no such version: No version has the label ${versionStage}. A file has AWSCURRENT, and AWSPREVIOUS after an edit that this process has seen.`,
    })
  },
)

describe('in production', () => {
  const file = 'secrets.json'

  it.each([
    ['NODE_ENV', 'production', 'NODE_ENV is production'],
    ['AWS_LAMBDA_FUNCTION_NAME', 'reader', 'this is a Lambda function'],
  ])('%s=%s: the source is refused', (variable, value, where) => {
    vi.stubEnv(variable, value)
    expect(() => fileSource(file)).toThrow(
      expect.objectContaining({
        code: 'ERR_SECRET_CONFIG',
        message: `fileSource is for development and tests, but ${where}. Create the cache without it there, so that it reads from Secrets Manager, or pass { allowInProduction: true }.`,
      }),
    )
    expect(() => fileSource(file, { allowInProduction: false })).toThrow(where)
    expect(() => fileSource(file, { allowInProduction: true })).not.toThrow()
  })
})

describe('others who may read the file', () => {
  it('are warned of, once', async () => {
    const { source, file } = sourceOf({ 'prod/db': 'one' })
    chmodSync(file, 0o640)
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    for (let reads = 0; reads < 2; reads += 1) await source.get({ secretId: 'prod/db' }, patient)
    expect(warn.mock.calls).toEqual([
      [`Other users may read the secrets in ${file}: run chmod 600 on it.`, { code: 'AWSCURRENT_FILE_MODE' }],
    ])
  })

  it('are not warned of where there are none', async () => {
    const { source } = sourceOf({ 'prod/db': 'one' })
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    await source.get({ secretId: 'prod/db' }, patient)
    expect(warn).not.toHaveBeenCalled()
  })
})

describe('options', () => {
  it.each([
    ['secrets.yaml', {}, 'The name of the file for fileSource must end in .json or .env, or begin with .env.'],
    ['', {}, 'fileSource takes the path of a file, or its file: URL.'],
    [undefined, {}, 'fileSource takes the path of a file, or its file: URL.'],
    [new URL('https://example.com/secrets.json'), {}, 'fileSource takes the path of a file, or its file: URL.'],
    ['secrets.json', null, 'fileSource takes a plain object of options.'],
    ['secrets.json', { watch: 'yes' }, 'watch must be true or false.'],
    ['secrets.json', { env: '' }, 'env must be the prefix of environment variables, such as SECRET_.'],
    ['secrets.json', { env: 'SECRET-' }, 'env must be the prefix of environment variables, such as SECRET_.'],
    ['secrets.json', { allowInProduction: 1 }, 'allowInProduction must be true or false.'],
    ['secrets.json', { wach: true }, 'Unknown option "wach" of fileSource. Did you mean "watch"?'],
  ])('a mistake in them is a TypeError: %s, %j', (file, options, message) => {
    expect(() => fileSource(file as string, options as object)).toThrow(new TypeError(message))
  })

  it('may all be undefined', () => {
    expect(() => fileSource('secrets.json', { watch: undefined, env: undefined, allowInProduction: undefined })).not.toThrow()
  })
})

it('a source shows nothing of its secrets', async () => {
  const { source } = sourceOf({ 'prod/db': planted })
  await source.get({ secretId: 'prod/db' }, patient)
  expect(inspect(source, { depth: 9, showHidden: true })).not.toContain(planted)
  expect(JSON.stringify(source)).not.toContain(planted)
})
