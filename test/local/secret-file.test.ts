import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { SecretFile } from '../../src/local/secret-file.js'
import { ManualClock } from '../../src/testing/index.js'
import { makeFolder, patient, save, sourceOf } from './support.js'

vi.mock('node:fs/promises', async importOriginal => {
  const original = await importOriginal<typeof import('node:fs/promises')>()
  return { ...original, readFile: vi.fn(original.readFile) }
})

afterEach(() => {
  vi.mocked(readFile).mockClear()
})

it('a .env file that is being written is read again until it no longer changes', async () => {
  const clock = new ManualClock()
  const file = join(makeFolder(), '.env')
  save(file, 'USER=app\nPASSWORD=one')
  const secrets = new SecretFile(file, 'env', clock)
  await secrets.read(patient.signal)
  save(file, 'USER=app\nPASSWORD=two')
  const reading = secrets.read(patient.signal, true)
  for (const text of ['USER=app\nPASSWORD=two three', 'USER=app\nPASSWORD=two three four']) {
    await vi.waitFor(() => expect(clock.pending).toBe(1), { interval: 1 })
    save(file, text)
    await clock.advance(50)
  }
  await vi.waitFor(() => expect(clock.pending).toBe(1), { interval: 1 })
  await clock.advance(50)
  expect((await reading).secrets.get('PASSWORD')).toEqual({ string: 'two three four' })
  // A text that is known need not be read twice.
  vi.mocked(readFile).mockClear()
  await secrets.read(patient.signal, true)
  expect(readFile).toHaveBeenCalledTimes(1)
})

it('a look that ends late brings back no older value', async () => {
  const { source, file } = sourceOf({ key: 'one' })
  let finish = (): void => {}
  const finished = new Promise<void>(resolve => {
    finish = resolve
  })
  const original = vi.mocked(readFile).getMockImplementation()
  vi.mocked(readFile).mockImplementationOnce(async (...args) => {
    const text = await original?.(...args)
    await finished
    return text ?? ''
  })
  const first = source.get({ secretId: 'key' }, patient)
  await vi.waitFor(() => expect(readFile).toHaveBeenCalledTimes(1), { interval: 1 })
  save(file, { key: 'two' })
  expect(await source.get({ secretId: 'key' }, patient)).toMatchObject({ string: 'two' })
  finish()
  expect(await first).toMatchObject({ string: 'two' })
})
