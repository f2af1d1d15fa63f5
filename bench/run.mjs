// Runs every benchmark in a process of its own: node run.mjs [--check] [name ...]
// With --check it ends with 1 if a figure misses its goal.
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const all = ['hit', 'heap', 'burst', 'warmup', 'outage', 'memory', 'import', 'cold-start', 'size', 'delivery', 'rotation']
const named = process.argv.slice(2).filter(argument => !argument.startsWith('--'))

console.log(`Node ${process.version}, ${availableParallelism()} cores`)
for (const name of named.length > 0 ? named : all) {
  const file = fileURLToPath(new URL(`${name}.mjs`, import.meta.url))
  const { status } = spawnSync(process.execPath, ['--expose-gc', '--no-warnings', file], { stdio: 'inherit' })
  if (status !== 0 && (status !== 3 || process.argv.includes('--check'))) process.exitCode = 1
}
