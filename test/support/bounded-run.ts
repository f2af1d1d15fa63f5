import vm from 'node:vm'

const context = vm.createContext({})

/** Runs synchronous work and throws if it is not over after `ms`: a generous limit, for what would take minutes if it were quadratic. */
export function runWithin<T>(ms: number, run: () => T): T {
  context.run = run
  return vm.runInContext('run()', context, { timeout: ms }) as T
}
