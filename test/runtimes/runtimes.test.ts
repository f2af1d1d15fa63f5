import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { run } from '../support/run.js'
import { runtimes } from './runtimes.js'

describe.each(runtimes)('the packed package under $name', ({ install, test, script }) => {
  let binary: string

  beforeAll(() => {
    binary = install()
  })

  it.each([
    ['alone', 'bareApp', ['import.test.mjs', 'require.test.cjs']],
    ['with the SDK, drivers and middy beside it', 'fullApp', ['runtime.test.mjs', 'pools.test.mjs', 'middy.test.mjs']],
  ] as const)('works %s', (_, app, files) => {
    run(binary, [...test, ...files.map(file => `./${file}`)], { cwd: inject(app), env: { NODE_OPTIONS: undefined } })
  })

  it('lets a script end that has read its secret, and shows none of it in what is printed', async () => {
    const server = await new FakeSecretsManager({ secrets: { 'prod/db': { password: 'pl4nted' } } }).listen()
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_ACCESS_KEY_ID: 'nobody',
      AWS_SECRET_ACCESS_KEY: 'nothing',
    }
    try {
      const ended = promisify(execFile)(binary, [...script, 'print.mjs'], { cwd: inject('fullApp'), env, timeout: 20_000 })
      const { stdout, stderr } = await ended
      expect(stdout).toContain('prod/db')
      expect(stdout + stderr).not.toContain('pl4nted')
    } finally {
      await server.close()
    }
  })
})
