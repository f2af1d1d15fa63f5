import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import options from './tsup.config.js'

// Asks the registry for known vulnerabilities of what users get with the package: its dependencies, and the packages that are bundled
// into dist, which no user's own audit can see.

interface Manifest {
  dependencies: Record<string, string>
}

/** What `npm audit --json` prints: the report, or the answer of a registry that has none. */
interface Answer {
  vulnerabilities?: Record<string, { severity: string }>
  statusCode?: number
}

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Partial<Manifest>> }
const shipped = new Set([...Object.keys(dependencies), ...(options.noExternal ?? []).map(String)])
// A set hands out what is added to it in a loop over it, too.
for (const name of shipped)
  for (const needed of Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {})) shipped.add(needed)

const { stdout, stderr } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
const { vulnerabilities, statusCode } = (stdout.trim() === '' ? {} : JSON.parse(stdout)) as Answer
const names = [...shipped].join(', ')
if (vulnerabilities === undefined) {
  // Mirrors of the registry need not have this list: that is no fault of the change at hand.
  process.stdout.write(`not audited, the registry does not tell (${statusCode ?? stderr.trim()}): ${names}\n`)
} else {
  const found = Object.entries(vulnerabilities).filter(([name]) => shipped.has(name))
  for (const [name, { severity }] of found) process.stdout.write(`vulnerable (${severity}): ${name}\n`)
  if (found.length > 0) process.exitCode = 1
  else process.stdout.write(`no known vulnerability: ${names}\n`)
}
