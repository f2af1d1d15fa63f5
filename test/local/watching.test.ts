import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RotatedEvent, SecretCache } from '../../src/index.js'
import { fileSource } from '../../src/local/index.js'
import { makeFolder, openCache, patient, save, sourceOf } from './support.js'

const name = 'prod/db'
const realArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

/** Lets looks at the file pass until `check` succeeds. */
async function eventually(check: () => void): Promise<void> {
  const latest = performance.now() + 5_000
  for (;;) {
    try {
      return check()
    } catch (error) {
      if (performance.now() > latest) throw error
    }
    await vi.advanceTimersByTimeAsync(100)
    // The file itself is read in real time.
    await setImmediate()
  }
}

/** A cache that has read a secret, and the rotations that it tells of. */
async function reading(
  source: ReturnType<typeof fileSource>,
  secretId = name,
): Promise<{ cache: SecretCache; rotated: RotatedEvent[] }> {
  const cache = openCache(source)
  const rotated: RotatedEvent[] = []
  cache.on('rotated', event => void rotated.push(event))
  await cache.getSecretString(secretId)
  return { cache, rotated }
}

it('an edit is a rotation for the cache, once', async () => {
  const { source, file } = sourceOf({ [name]: 'one', other: 'same' })
  const { cache, rotated } = await reading(source)
  const before = await cache.getSecret(name)
  await cache.getSecret('other')
  save(file, { [name]: 'two', other: 'same' })
  await eventually(() => expect(cache.peek(name)?.text()).toBe('two'))
  const { versionId } = await cache.getSecret(name)
  expect(rotated).toMatchObject([{ secretId: name, versionId, previousVersionId: before.versionId }])
  expect((await cache.getSecret(name, { versionStage: 'AWSPREVIOUS' })).versionId).toBe(before.versionId)
})

describe('an edit is noticed', () => {
  it('each time that the file is replaced by another', async () => {
    const { source, file } = sourceOf({ [name]: 'one' })
    const { cache } = await reading(source)
    for (const value of ['two', 'six', 'ten']) {
      save(`${file}.tmp`, { [name]: value })
      renameSync(`${file}.tmp`, file)
      await eventually(() => expect(cache.peek(name)?.text()).toBe(value))
    }
  })

  it('when a link leads elsewhere, as in a volume of Kubernetes', async () => {
    const folder = makeFolder()
    for (const version of ['1', '2']) {
      mkdirSync(join(folder, version))
      save(join(folder, version, 'secrets.json'), { [name]: version })
    }
    symlinkSync('1', join(folder, '..data'))
    symlinkSync('..data/secrets.json', join(folder, 'secrets.json'))
    const { cache } = await reading(fileSource(join(folder, 'secrets.json')))
    symlinkSync('2', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    await eventually(() => expect(cache.peek(name)?.text()).toBe('2'))
  })

  it('when the folder is replaced, and in the new one', async () => {
    const { source, file } = sourceOf({ [name]: 'one' })
    const { cache } = await reading(source)
    rmSync(dirname(file), { recursive: true })
    mkdirSync(dirname(file))
    for (const value of ['two', 'six']) {
      save(file, { [name]: value })
      await eventually(() => expect(cache.peek(name)?.text()).toBe(value))
    }
  })

  it('of a .env file, and of a variable in its place', async () => {
    const { source, file } = sourceOf('PROD_DB=one', { name: '.env', env: 'SECRET_' })
    const { cache } = await reading(source, 'PROD_DB')
    save(file, 'PROD_DB=two')
    await eventually(() => expect(cache.peek('PROD_DB')?.text()).toBe('two'))
    vi.stubEnv('SECRET_PROD_DB', 'three')
    await eventually(() => expect(cache.peek('PROD_DB')?.text()).toBe('three'))
  })

  it('by whoever reads a secret by its name, by its ARN, or by that of the real one', async () => {
    const { source, file } = sourceOf({ [name]: 'one' })
    const { arn } = await source.get({ secretId: name }, patient)
    const read = await Promise.all([name, arn, realArn, realArn.slice(0, -7)].map(secretId => reading(source, secretId)))
    save(file, { [name]: 'two' })
    await eventually(() => expect(read.map(({ rotated }) => rotated.length)).toEqual([1, 1, 1, 1]))
  })
})

describe('a file that is broken', () => {
  it.each([
    ['half written', (file: string) => save(file, '{"prod/db":"tw'), 'is not valid JSON'],
    ['empty', (file: string) => save(file, ''), 'is empty'],
    ['gone', (file: string) => rmSync(file), 'does not exist'],
  ])('%s: readers keep what they have, and a warning tells of it once', async (_, damage, fault) => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const { source, file } = sourceOf({ [name]: 'one' })
    const { cache } = await reading(source)
    damage(file)
    await eventually(() => expect(warn).toHaveBeenCalled())
    expect(await cache.getSecretString(name)).toBe('one')
    expect(cache.stats()).toMatchObject({ loads: 1, failures: 0 })
    save(file, { [name]: 'two' })
    await eventually(() => expect(cache.peek(name)?.text()).toBe('two'))
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          `^${file} ${fault}\\. .* Until that is corrected, the values that were read before stay in use\\.$`,
        ),
        { code: 'AWSCURRENT_FILE_BROKEN' },
      ],
    ])
  })
})

it.each([
  ['the file appears', (file: string) => rmSync(file)],
  ['the file is corrected', (file: string) => save(file, '{')],
  ['the secret is added', (file: string) => save(file, {})],
])('a secret that could not be read is there as soon as %s', async (_, damage) => {
  const { source, file } = sourceOf({})
  damage(file)
  const cache = openCache(source, { backoff: { initialMs: 600_000, maxMs: 600_000 } })
  await expect(cache.getSecretString(name)).rejects.toMatchObject({ code: expect.stringMatching(/CONFIG|NOT_FOUND/) })
  save(file, { [name]: 'one' })
  await eventually(() => expect(cache.peek(name)?.text()).toBe('one'))
})

it('a secret that is removed from the file can no longer be read, until it is put back', async () => {
  const { source, file } = sourceOf({ [name]: 'one' })
  const { cache } = await reading(source)
  const errors: string[] = []
  cache.on('error', ({ error }) => void errors.push(error.code))
  save(file, {})
  await eventually(() => expect(errors).toEqual(['ERR_SECRET_DELETED']))
  await expect(cache.getSecretString(name)).rejects.toMatchObject({ code: 'ERR_SECRET_DELETED' })
  save(file, { [name]: 'one' })
  await eventually(() => expect(cache.peek(name)?.text()).toBe('one'))
})

describe('several caches on one source', () => {
  it('each hear of an edit, until the last of them is closed', async () => {
    const { source, file } = sourceOf({ [name]: 'one' })
    const [first, second] = [await reading(source), await reading(source)]
    save(file, { [name]: 'two' })
    await eventually(() => expect([first, second].map(({ rotated }) => rotated.length)).toEqual([1, 1]))
    await first.cache.close()
    save(file, { [name]: 'three' })
    await eventually(() => expect(second.rotated.length).toBe(2))
    expect(vi.getTimerCount()).toBeGreaterThan(0)
    await second.cache.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('may follow one another', async () => {
    const { source, file } = sourceOf({ [name]: 'one' })
    await reading(source).then(({ cache }) => cache.close())
    const { rotated } = await reading(source)
    save(file, { [name]: 'two' })
    await eventually(() => expect(rotated.length).toBe(1))
  })
})

it('without watch, an edit takes effect with the next load', async () => {
  const { source, file } = sourceOf({ [name]: 'one' }, { watch: false })
  const { cache } = await reading(source)
  expect(vi.getTimerCount()).toBe(0)
  save(file, { [name]: 'two' })
  expect((await cache.refreshNow(name)).text()).toBe('two')
})
