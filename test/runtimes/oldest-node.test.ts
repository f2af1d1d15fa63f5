import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { installedPackage } from '../support/installed.js'
import { node } from './runtimes.js'

const sdk = '@aws-sdk/client-secrets-manager'
/** What docs/versions.md tells users of Node 20 to pin. */
const [, pinned = ''] = /`@aws-sdk\/client-secrets-manager@(\d+\.\d+\.\d+)`/.exec(readFileSync('docs/versions.md', 'utf8')) ?? []

let binary: string
let folder: string

beforeAll(() => {
  binary = node('20.19').install()
  folder = mkdtempSync(join(tmpdir(), 'awscurrent-oldest-'))
  cpSync(inject('bareApp'), folder, { recursive: true })
  mkdirSync(join(folder, 'node_modules', dirname(sdk)), { recursive: true })
  symlinkSync(installedPackage(sdk, pinned), join(folder, 'node_modules', sdk), 'dir')
})

afterAll(() => rmSync(folder, { recursive: true }))

test('Node 20.19 reads a secret by the SDK that its users pin, and what that says of newer ones harms nothing', async () => {
  const server = await new FakeSecretsManager({ secrets: { 'prod/db': { password: 'pl4nted' } } }).listen()
  const env = { AWS_ENDPOINT_URL: server.endpoint, AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing' }
  try {
    const { stdout, stderr } = await promisify(execFile)(binary, ['print.mjs'], { cwd: folder, env, timeout: 60_000 })
    expect(stderr).toContain('will require node >=22')
    expect(stdout).toContain('prod/db')
    expect(stdout + stderr).not.toContain('pl4nted')
  } finally {
    await server.close()
  }
})
