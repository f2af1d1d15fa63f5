import { expect, it } from 'vitest'
import { putSecretValue } from '../../../src/admin/index.js'
import { SecretCache, type SecretSource } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/db'
/** How the reads after an event end: it fails, or is answered with the version before. */
const courses = ['F', 'O', 'OF', 'FO', 'OOF', 'FFO', 'OFO', 'FOF'] as const

/** How long after an event its version is served. */
async function servedAfter(
  course: string,
  { refreshSpreadMs, reads, isOwn = false }: { refreshSpreadMs: number; reads: boolean; isOwn?: boolean },
) {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ secrets: { [id]: 'one' }, clock })
  const real = fake.source()
  let left: string[] = []
  const source: SecretSource = {
    async get(request, options) {
      const end = left.shift()
      if (end === 'F') throw Object.assign(new Error('down'), { name: 'InternalServiceError' })
      return real.get(end === 'O' ? { secretId: id, versionStage: 'AWSPREVIOUS' } : request, options)
    },
  }
  const cache = new SecretCache({ source, clock, ttlJitter: 0, refreshSpreadMs })
  await cache.getSecretString(id)
  if (isOwn) await putSecretValue(cache, id, 'own', { client: fake.client() })
  await clock.advance(5_000)
  const event = fake.rotate(id, 'two')
  left = [...course]
  void cache.handleRotationEvent(event)
  for (let ms = 0; ms < 100_000; ms += 100) {
    await clock.advance(100)
    if (reads) await cache.getSecretString(id)
    if (cache.peek(id)?.text() === 'two') return ms
  }
  return Number.POSITIVE_INFINITY
}

it.each(
  courses.flatMap(course =>
    [0, 3_000].flatMap(refreshSpreadMs => [true, false].map(reads => ({ course, refreshSpreadMs, reads }))),
  ),
)(
  'an event is served within seconds, though the reads after it go $course ($refreshSpreadMs ms of spread, reads $reads)',
  async options => {
    expect(await servedAfter(options.course, options)).toBeLessThan(20_000)
  },
)

it.each(courses)('so is one that comes after a write from here, though the reads after it go %s', async course => {
  expect(await servedAfter(course, { refreshSpreadMs: 0, reads: true, isOwn: true })).toBeLessThan(20_000)
})
