import { afterEach, beforeEach, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'
import { settled } from '../../support/deferred-source.js'

const names = Array.from({ length: 40 }, (_, n) => `key-${n}`)
const warnings: string[] = []
const onWarning = ({ message }: Error): void => {
  warnings.push(message)
}
let clock: ManualClock
let fake: FakeSecretsManager
let cache: SecretCache

beforeEach(() => {
  warnings.length = 0
  process.on('warning', onWarning)
  clock = new ManualClock()
  fake = new FakeSecretsManager({ clock, secrets: Object.fromEntries(names.map(name => [name, 'value'])) })
  cache = new SecretCache({ source: fake.source(), clock })
})

afterEach(async () => {
  process.off('warning', onWarning)
  await cache.close()
})

/** What Node has warned of: it does so a turn later. */
async function warned(): Promise<string[]> {
  await settled()
  return warnings
}

it('many reads wait on one signal, and Node warns of no leak', async () => {
  const { signal } = new AbortController()
  await Promise.all(names.map(name => cache.getSecretString(name, { signal })))
  expect(await warned()).toEqual([])
})

it('many secrets are read again after events at the same time, and Node warns of no leak', async () => {
  for (const name of names) await cache.getSecretString(name)
  const events = names.map(name => fake.rotate(name))
  fake.inject({ answer: 'old', times: names.length })
  const handled = Promise.all(events.map(event => cache.handleRotationEvent(event)))
  await clock.advance(10_000)
  expect((await handled).flat().map(({ outcome }) => outcome)).toEqual(names.map(() => 'refreshed'))
  expect(await warned()).toEqual([])
})

it('many listeners end with one signal, and Node warns of no leak', async () => {
  const { signal } = new AbortController()
  for (const _ of names) cache.on('rotated', () => {}, { signal })
  expect(await warned()).toEqual([])
})

it('a warm-up of hundreds takes one signal, and Node warns of no leak', async () => {
  const { signal } = new AbortController()
  fake.inject({ error: 'AccessDeniedException', operation: 'BatchGetSecretValue' })
  const report = cache.warmup(names, { signal })
  await clock.advance(60_000)
  expect((await report).map(({ outcome }) => outcome)).toEqual(names.map(() => 'loaded'))
  expect(await warned()).toEqual([])
})

it("a signal of another make than Node's will do", async () => {
  const listeners: (() => void)[] = []
  const signal = {
    aborted: false,
    reason: new Error('enough'),
    throwIfAborted: () => {},
    addEventListener: (_: string, listener: () => void) => listeners.push(listener),
    removeEventListener: () => {},
  } as unknown as AbortSignal
  fake.inject({ delayMs: 60_000 })
  const read = cache.getSecretString('key-0', { signal })
  await settled()
  for (const listener of listeners) listener()
  await expect(read).rejects.toThrow('enough')
})
