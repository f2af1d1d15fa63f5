import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { run } from '../support/run.js'
import { runScript } from '../support/run-script.js'
import { codeBlocks, readPage } from './readme.js'

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

it.each(['commonjs', 'module'])('the first snippet of the README runs as pasted into a project of type %s', async type => {
  const [snippet = ''] = codeBlocks(readPage('README.md'), 'ts')
  const folder = join(inject('fullApp'), `quick-start-${type}`)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }))
  writeFileSync(join(folder, 'index.ts'), snippet)
  const compilerOptions = { module: 'NodeNext', target: 'ES2023', strict: true, skipLibCheck: true, types: ['node'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['index.ts'] }))
  run(process.execPath, [tsc, '--project', folder])
  const secrets = { 'prod/api-key': 'sixteen letters!', 'prod/db': { username: 'app', password: 'pw', host: 'db', port: '5433' } }
  const server = await new FakeSecretsManager({ secrets, region: 'eu-west-1' }).listen()
  const env = { AWS_ENDPOINT_URL: server.endpoint, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
  try {
    expect(await runScript(join(folder, 'index.js'), { cwd: folder, env })).toBe(
      'The key has 16 characters, and app logs in on port 5433.\n',
    )
  } finally {
    await server.close()
  }
})
