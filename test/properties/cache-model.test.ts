import fc from 'fast-check'
import { expect, it } from 'vitest'
import { run } from './commands.js'
import { play } from './play.js'

/** `MODEL_RUNS=100000 npm test -- cache-model` plays longer; `MODEL_SEED` plays the same again. */
const numRuns = Number(process.env.MODEL_RUNS ?? 300)
const seed = process.env.MODEL_SEED === undefined ? undefined : Number(process.env.MODEL_SEED)

it('whatever happens in whatever order, every promise of the contract is kept', { timeout: 60_000 + numRuns * 100 }, async () => {
  const property = fc.asyncProperty(run, async each => {
    expect(await play(each)).toEqual([])
  })
  await fc.assert(property, { numRuns, ...(seed !== undefined && { seed }) })
})
