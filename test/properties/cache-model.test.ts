import fc from 'fast-check'
import { expect, it } from 'vitest'
import { run } from './commands.js'
import { play } from './play.js'

/**
 * Searches for broken promises: `MODEL_RUNS=3000 npm test -- cache-model` plays other runs each time; a failure tells its seed, and
 * `MODEL_SEED` plays the same again. Without them the same hundred runs are played as always.
 */
const numRuns = Number(process.env.MODEL_RUNS ?? 100)
const usualSeed = process.env.MODEL_RUNS === undefined ? 1 : undefined
const seed = process.env.MODEL_SEED === undefined ? usualSeed : Number(process.env.MODEL_SEED)

it('whatever happens in whatever order, every promise of the contract is kept', { timeout: 60_000 + numRuns * 500 }, async () => {
  const property = fc.asyncProperty(run, async each => {
    expect(await play(each)).toEqual([])
  })
  await fc.assert(property, { numRuns, ...(seed !== undefined && { seed }) })
})
