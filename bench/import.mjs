// What importing costs: child processes in turn. The import is timed inside them; the start of a process varies by more than it takes.
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { interleave, median, medianRatio, round, showFigure, showTable } from './support/report.mjs'

const cwd = fileURLToPath(new URL('.', import.meta.url))
const bare = 'bare node'
const itsDependencies = 'lru-cache and p-retry'
const own = { [bare]: [], [itsDependencies]: ['lru-cache', 'p-retry'], awscurrent: ['awscurrent'] }
const sdk = '@aws-sdk/client-secrets-manager'
const others = {
  [bare]: [],
  'AWS SDK': [sdk],
  'powertools parameters': ['@aws-lambda-powertools/parameters/secrets'],
  'middy secrets-manager': ['@middy/secrets-manager'],
}

function run(specifiers, ...flags) {
  const imports = specifiers.map(specifier => `import('${specifier}')`)
  const script = `const at = performance.now(); await Promise.all([${imports}]); process.stdout.write(String(performance.now() - at))`
  return spawnSync(process.execPath, ['--no-warnings', ...flags, '--input-type=module', '-e', script], { cwd })
}

function timed(specifiers) {
  const startedAt = performance.now()
  const { status, stdout, stderr } = run(specifiers)
  if (status !== 0) throw new Error(String(stderr))
  return { whole: performance.now() - startedAt, inside: Number(stdout) }
}

function timesOf(turns, imports) {
  const entries = Object.entries(imports)
  return interleave(turns, Object.fromEntries(entries.map(([what, specifiers]) => [what, () => timed(specifiers)])))
}

/** Whether an import works where no module of the AWS SDK can be loaded. */
function worksWithoutSdk(specifiers) {
  const hook =
    "export const load = (url, c, next) => { if (url.includes('/@aws-sdk/')) throw new Error('SDK'); return next(url, c) }"
  return run(specifiers, '--experimental-loader', `data:text/javascript,${encodeURIComponent(hook)}`).status === 0
}

if (worksWithoutSdk([sdk])) throw new Error('A load of the SDK goes unnoticed.')
await timesOf(2, { ...own, ...others })
const ownTimes = await timesOf(60, own)
const rows = [ownTimes, await timesOf(12, others)].flatMap(times =>
  Object.entries(times)
    .filter(([what]) => what !== bare)
    .map(([what, turns]) => ({
      what,
      'ms of import()': round(median(turns.map(({ inside }) => inside))),
      'ms of the process over bare node': round(median(turns.map(({ whole }, turn) => whole - times[bare][turn].whole))),
    })),
)
showTable('Import', rows, { of: 'ms of import()' })
const inside = what => ownTimes[what].map(turn => turn.inside)
showFigure('awscurrent over lru-cache and p-retry', medianRatio(inside('awscurrent'), inside(itsDependencies)), 1.4, '×')
showFigure('whether it loads the AWS SDK', worksWithoutSdk(own.awscurrent) ? 0 : 1, 0)
