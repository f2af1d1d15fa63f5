import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { installPackedPackage } from '../test/support/packed-package.js'
import { run } from '../test/support/run.js'

// Runs the packed package's smoke tests under other versions of Node than this one.
const majors = [22, 24, 26]
const platform = `${process.platform}-${process.arch}`

const { reports } = parseArgs({ options: { reports: { type: 'string' } } }).values

/** The newest Node of a major version, from the npm package that holds nothing but its binary. */
function installNode(major: number): string {
  const folder = resolve(`node_modules/.cache/awscurrent/node-${major}`)
  run('npm', ['install', '--prefix', folder, '--no-package-lock', `node-${platform}@${major}`])
  return `${folder}/node_modules/node-${platform}/bin/node`
}

const { bareApp, fullApp, remove } = installPackedPackage()
try {
  for (const major of majors) {
    const node = installNode(major)
    process.stdout.write(`Node ${run(node, ['--version'])}`)
    const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout']
    if (reports !== undefined) {
      reporters.push('--test-reporter=junit', `--test-reporter-destination=${resolve(reports, `node-${major}.xml`)}`)
    }
    // The middleware is tested here because middy 7 needs a newer Node than the repository's own tests.
    const files = ['import.test.mjs', 'require.test.cjs', join(fullApp, 'middy.test.mjs')]
    const { status } = spawnSync(node, ['--test', ...reporters, ...files], {
      cwd: bareApp,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    if (status !== 0) process.exitCode = 1
  }
} finally {
  remove()
}
