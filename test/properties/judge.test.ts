import fc from 'fast-check'
import { expect, it } from 'vitest'
import { brokenCaches } from './broken-caches.js'
import { run } from './commands.js'
import { play } from './play.js'

/** Always the same runs: a judge that convicts by luck is none. */
const runs = fc.sample(run, { numRuns: 400, seed: 1 })

it.each(brokenCaches)('a cache that %s is convicted', { timeout: 60_000 }, async (_, promise, BrokenCache) => {
  for (const each of runs) {
    const found = await play(each, options => new BrokenCache(options))
    const sound = found.some(violation => violation.promise === promise) ? await play(each) : []
    // What the sound cache is convicted of as well says nothing about the broken one.
    const isNew = found.some(violation => violation.promise === promise && !sound.some(({ what }) => what === violation.what))
    if (isNew) return
  }
  expect.unreachable(`${runs.length} runs without "${promise}"`)
})
