// Runs every benchmark in a process of its own: node run.mjs [--check] [--write] [name ...]
// With --check it ends with 1 if a ratio is worse than its goal and than what docs/benchmarks.md states.
// With --write what it measures goes into results/ and into docs/benchmarks.md.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stateFigures, worsened, writeResult } from './support/results.mjs'

const all = [
  'hit',
  'keyring',
  'heap',
  'burst',
  'warmup',
  'parameters',
  'outage',
  'memory',
  'import',
  'cold-start',
  'size',
  'delivery',
  'workers',
  'flood',
  'staleness',
  'rotation',
  'pool-overhead',
  'pool-opening',
  'logins',
  'exam',
  'fleet',
]
const named = process.argv.slice(2).filter(argument => !argument.startsWith('--'))
const folder = mkdtempSync(join(tmpdir(), 'awscurrent-bench-'))

console.log(`Node ${process.version}, ${availableParallelism()} cores`)
for (const name of named.length > 0 ? named : all) {
  const file = fileURLToPath(new URL(`${name}.mjs`, import.meta.url))
  const recorded = join(folder, name)
  const env = { ...process.env, BENCH_RECORD: recorded }
  const { status } = spawnSync(process.execPath, ['--expose-gc', '--no-warnings', file], { stdio: 'inherit', env })
  // 3: a figure missed its goal, which is not the benchmark's failure.
  if (status !== 0 && status !== 3) {
    console.error(`${name} failed.`)
    process.exitCode = 1
    continue
  }
  const record = JSON.parse(readFileSync(recorded, 'utf8'))
  if (process.argv.includes('--check')) {
    for (const { title, what, value, unit } of worsened(name, record)) {
      console.error(`${name}, ${title}: ${what}: ${value}${unit} is worse than stated.`)
      process.exitCode = 1
    }
  }
  if (process.argv.includes('--write')) writeResult(name, record)
}
rmSync(folder, { recursive: true })
if (process.argv.includes('--write')) stateFigures(all)
