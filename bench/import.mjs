// What importing costs: child processes in turn, medians over a bare node.
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { interleave, median, round, showFigure, showTable } from './support/report.mjs'

const cwd = fileURLToPath(new URL('.', import.meta.url))
const bare = 'bare node'
const itsDependencies = 'lru-cache and p-retry'
const own = {
  [bare]: '',
  [itsDependencies]: "import 'lru-cache'; import 'p-retry'",
  awscurrent: "import 'awscurrent'",
}
const others = {
  [bare]: '',
  'AWS SDK': "import '@aws-sdk/client-secrets-manager'",
  'powertools parameters': "import '@aws-lambda-powertools/parameters/secrets'",
  'middy secrets-manager': "import '@middy/secrets-manager'",
}

function run(script, ...flags) {
  return spawnSync(process.execPath, ['--no-warnings', ...flags, '--input-type=module', '-e', script], { cwd })
}

function timed(script) {
  const startedAt = performance.now()
  const { status, stderr } = run(script)
  if (status !== 0) throw new Error(String(stderr))
  return performance.now() - startedAt
}

/** Milliseconds over the bare node of the same turn, the median of so many turns. */
async function importTimes(turns, scripts) {
  const times = await interleave(
    turns,
    Object.fromEntries(Object.entries(scripts).map(([what, script]) => [what, () => timed(script)])),
  )
  const over = Object.entries(times).map(([what, ms]) => [what, median(ms.map((value, turn) => value - times[bare][turn]))])
  return Object.fromEntries(over)
}

/** Whether a script still runs where no module of the AWS SDK can be loaded. */
function runsWithoutSdk(script) {
  const hook =
    "export const load = (url, c, next) => { if (url.includes('/@aws-sdk/')) throw new Error('SDK'); return next(url, c) }"
  return run(script, '--experimental-loader', `data:text/javascript,${encodeURIComponent(hook)}`).status === 0
}

if (runsWithoutSdk(others['AWS SDK'])) throw new Error('A load of the SDK goes unnoticed.')
await importTimes(2, { ...own, ...others })
const times = { ...(await importTimes(12, others)), ...(await importTimes(60, own)) }
const rows = Object.entries(times).map(([what, ms]) => ({ what, 'ms over bare node': round(ms) }))
showTable('Import', rows)
showFigure('awscurrent over lru-cache and p-retry', times.awscurrent / times[itsDependencies], 1.4, '×')
showFigure('modules of the AWS SDK that it loads', runsWithoutSdk(own.awscurrent) ? 0 : 1, 0)
