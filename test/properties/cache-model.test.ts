import fc from 'fast-check'
import { it } from 'vitest'
import { command } from './commands.js'
import { play } from './play.js'

/** `MODEL_RUNS=100000 npm test -- cache-model` plays longer. */
const numRuns = Number(process.env.MODEL_RUNS ?? 1_000)

const setting = fc.record({ maxEntries: fc.constantFrom(1, 2, 100), closesEarly: fc.boolean(), isTold: fc.boolean() })

it('whatever happens in whatever order, reads are as fresh as promised, settle, and fail only when the service does', {
  timeout: 60_000 + numRuns * 50,
}, async () => {
  await fc.assert(fc.asyncProperty(fc.array(command, { minLength: 20, maxLength: 100 }), setting, play), { numRuns })
})
