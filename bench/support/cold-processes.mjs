import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { build } from 'esbuild'
import { interleave, median, percentile, round } from './report.mjs'

const turns = 60

/**
 * Times processes from their start to their first result, in turn. Each runs a bundle by esbuild.
 *
 * @param {Record<string, string>} scripts What each process does; it calls `show` with its result. The first one is the floor.
 * @param {object} options
 * @param {string} options.from The folder from which the scripts import.
 * @param {Record<string, string>} options.env Their whole environment.
 * @param {(result: string) => boolean} options.isRight Checks each result.
 * @returns The rows of a table, and how the time of one script over the floor compares to that of another.
 */
export async function timeProcesses(scripts, { from, env, isRight }) {
  const folder = await mkdtemp(join(tmpdir(), 'awscurrent-bench-'))
  const timed = file => {
    const startedAt = performance.now()
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', file], { cwd: folder, env })
    const ms = performance.now() - startedAt
    if (status !== 0 || !isRight(String(stdout))) throw new Error(`${file}: ${stdout}${stderr}`)
    return ms
  }
  const sizes = {}
  const runs = {}
  for (const [n, [what, script]] of Object.entries(scripts).entries()) {
    const file = join(folder, `${n}.cjs`)
    sizes[what] = await bundle(script, { from, file })
    runs[what] = async () => timed(file)
  }
  await interleave(3, runs)
  const times = await interleave(turns, runs)
  await rm(folder, { recursive: true })

  const [floor] = Object.keys(scripts)
  const over = what => times[what].map((ms, turn) => ms - times[floor][turn])
  const rows = Object.keys(scripts).map(what => ({
    what,
    'bundle, kB': round(sizes[what]),
    'ms, median': round(median(times[what])),
    [`over ${floor}`]: round(median(over(what))),
    'its quartiles': `${round(percentile(over(what), 0.25))}–${round(percentile(over(what), 0.75))}`,
  }))
  return { rows, ratio: (what, base) => median(over(what)) / median(over(base)) }
}

/** Resolves with its size in kilobytes. */
async function bundle(script, { from, file }) {
  const { outputFiles } = await build({
    stdin: {
      contents: `const show = result => { process.stdout.write(result, () => process.exit()) }\n${script}`,
      resolveDir: from,
    },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  })
  await writeFile(file, outputFiles[0].contents)
  return outputFiles[0].contents.length / 1_000
}
