import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { shipped } from './shipped.js'

// Asks the registry for known vulnerabilities of what users get with the package: its dependencies, and the packages that are bundled
// into dist, which no user's own audit can see.

/** What `npm audit --json` prints: the report, or the answer of a registry that has none. */
interface Answer {
  vulnerabilities?: Record<string, { severity: string }>
  statusCode?: number
}

function parse(output: string): Answer {
  try {
    return JSON.parse(output) as Answer
  } catch {
    return {}
  }
}

const { CI_SUMMARY, GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = process.env
const { error, stdout, stderr } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
const { vulnerabilities, statusCode } = parse(stdout ?? '')
const names = shipped.join(', ')
if (vulnerabilities === undefined) {
  const reason = statusCode ?? error?.message ?? stderr.trim().split('\n')[0]
  const text = `not audited, the registry gave no answer (${reason}): ${names}\n`
  for (const file of [CI_SUMMARY, GITHUB_STEP_SUMMARY]) if (file) appendFileSync(file, text)
  process.stdout.write(text)
  // A mirror of the registry need not have this list, and that is no fault of the change at hand. What is published is audited.
  if (GITHUB_ACTIONS === 'true') process.exitCode = 1
} else {
  const found = Object.entries(vulnerabilities).filter(([name]) => shipped.includes(name))
  for (const [name, { severity }] of found) process.stdout.write(`vulnerable (${severity}): ${name}\n`)
  if (found.length > 0) process.exitCode = 1
  else process.stdout.write(`no known vulnerability: ${names}\n`)
}
