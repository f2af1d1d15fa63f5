import type { RotationEngine } from '../../src/rotation/index.js'

/** An engine for API keys that notes what it is called with. */
export interface NotedEngine extends RotationEngine {
  readonly calls: string[]
}

/** An engine of four functions; `made` is the value that it makes. */
export function notedEngine(made = 'the-new-key', changes: Partial<RotationEngine> = {}): NotedEngine {
  const calls: string[] = []
  return {
    calls,
    createSecret({ current }) {
      calls.push(`create from ${current}`)
      return made
    },
    setSecret({ current, pending }) {
      calls.push(`set ${pending} beside ${current}`)
    },
    testSecret({ pending }) {
      calls.push(`test ${pending}`)
    },
    async finishSecret({ current, previous }) {
      calls.push(`finish ${current} after ${await previous()}`)
    },
    ...changes,
  }
}
