// What importing costs: child processes, medians over a bare node.
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { median, round, showFigure, showTable } from './support/report.mjs'

const scripts = {
  'bare node': '',
  'lru-cache and p-retry': "import 'lru-cache'; import 'p-retry'",
  awscurrent: "import 'awscurrent'",
  'AWS SDK': "import '@aws-sdk/client-secrets-manager'",
  'powertools parameters': "import '@aws-lambda-powertools/parameters/secrets'",
}

const cwd = fileURLToPath(new URL('.', import.meta.url))
const times = {}
for (let turn = 0; turn < 25; turn += 1) {
  for (const [what, script] of Object.entries(scripts)) {
    const startedAt = performance.now()
    const { status, stderr } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], { cwd })
    if (status !== 0) throw new Error(String(stderr))
    times[what] = [...(times[what] ?? []), performance.now() - startedAt]
  }
}
const bare = median(times['bare node'])
const over = what => median(times[what]) - bare
showTable(
  'Import',
  Object.keys(scripts).map(what => ({ what, 'ms over bare node': round(over(what)) })),
)
showFigure('awscurrent over lru-cache and p-retry', over('awscurrent') / over('lru-cache and p-retry'), 1.4, '×')
