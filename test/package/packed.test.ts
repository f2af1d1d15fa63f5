import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { inject, test } from 'vitest'
import { run } from '../support/run.js'

const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin/jest.js')

test.each([
  ['import', 'import.test.mjs'],
  ['require', 'require.test.cjs'],
])('the packed tarball works without optional peers when loaded by %s', (_way, file) => {
  run(process.execPath, ['--test', file], { cwd: inject('bareApp'), env: { NODE_OPTIONS: undefined } })
})

test.each(['runtime.test.mjs', 'pools.test.mjs'])('the packed tarball passes %s, as it does in other runtimes', file => {
  run(process.execPath, ['--test', file], { cwd: inject('fullApp'), env: { NODE_OPTIONS: undefined } })
})

test('the packed tarball works in a CommonJS Jest project', () => {
  const config = JSON.stringify({ testEnvironment: 'node', testMatch: ['**/*.spec.cjs'], transform: {} })
  run(process.execPath, [jest, '--ci', '--config', config, '--rootDir', inject('fullApp')], {
    cwd: inject('fullApp'),
    env: { NODE_OPTIONS: undefined, AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing' },
  })
})
