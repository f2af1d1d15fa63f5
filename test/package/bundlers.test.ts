import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { FakeSecretsManager, type FakeServer } from '../../src/testing/index.js'
import { bundlers } from '../support/bundlers.js'
import { runScript } from '../support/run-script.js'

const read =
  'cache.getSecretString("prod/key").catch(error => isSecretCacheError(error) && error.code + error.hint).then(console.log)'
const withSdk = `
  import { isSecretCacheError, SecretCache } from 'awscurrent'
  const cache = new SecretCache()
  ${read}`
const withoutSdk = `
  import { isSecretCacheError, SecretCache } from 'awscurrent/cache'
  import { liteSource } from 'awscurrent/lite'
  const cache = new SecretCache({ source: liteSource() })
  ${read}`

let fake: FakeSecretsManager
let server: FakeServer

beforeAll(async () => {
  fake = new FakeSecretsManager({ secrets: { 'prod/key': 'open sesame' } })
  server = await fake.listen()
})

afterAll(() => server.close())

/** A bundler takes its time for the SDK where other tests run beside it. */
const timeout = 180_000

// One after the other: each of them keeps all cores busy.
describe.each(bundlers)('bundled by $name', { timeout }, bundler => {
  /** Bundles a script of an application, runs that where nothing else is, and resolves with what it prints. */
  async function printed(script: string, app: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'awscurrent-bundler-'))
    const entry = join(app, `entry-${bundlers.indexOf(bundler)}.mjs`)
    await writeFile(entry, script)
    try {
      const file = await bundler.bundle(entry, folder)
      const env = {
        AWS_ENDPOINT_URL: server.endpoint,
        AWS_REGION: fake.region,
        AWS_ACCESS_KEY_ID: 'a',
        AWS_SECRET_ACCESS_KEY: 'b',
      }
      return await runScript(file, { cwd: folder, env })
    } finally {
      await rm(folder, { recursive: true })
      await rm(entry, { force: true })
    }
  }

  it.each([
    ['awscurrent reads a secret by the SDK', withSdk],
    ['awscurrent/cache with awscurrent/lite reads a secret', withoutSdk],
  ])('%s', async (_, script) => {
    expect(await printed(script, inject('fullApp'))).toBe('open sesame\n')
  })

  it.each([
    ['@aws-sdk/client-secrets-manager', withSdk],
    ['aws4', withoutSdk],
  ])('where %s is not installed, the first read says so', async (peer, script) => {
    expect(await printed(script, inject('bareApp'))).toBe(`ERR_SECRET_CONFIGnpm install ${peer}\n`)
  })
})
