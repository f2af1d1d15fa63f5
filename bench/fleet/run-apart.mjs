// Simulates in a process of its own: fleets share neither heap nor core.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

// Most of what a simulation allocates is short-lived, if only there is room for it.
const execArgv = ['--no-warnings', '--max-semi-space-size=128', '--max-old-space-size=6144']

/** Simulates scenarios, the first ones first, as many at a time as there are cores. Answers the results by the names of the scenarios. */
export async function simulateAll(scenarios) {
  const waiting = Object.entries(scenarios)
  const results = {}
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, scenario] = next
      results[name] = await simulateApart(scenario)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return results
}

async function simulateApart(scenario) {
  const child = fork(fileURLToPath(new URL('simulation-process.mjs', import.meta.url)), [], { execArgv })
  child.send(scenario)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A simulation ended with ${code} and no result.`)
  })
  ended.catch(() => {})
  const [result] = await Promise.race([once(child, 'message'), ended])
  return result
}
