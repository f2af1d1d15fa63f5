import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { eventually } from '../support/pool-scene.js'
import { freePort } from '../support/server-process.js'
import type { StartedProcess } from '../support/started-process.js'
import { environment, serve, useInstalledExample } from './installed-example.js'

const example = useInstalledExample('nextjs')

/** Changes a file of the installed example until the test ends. */
function change(path: string, to: (text: string) => string): void {
  const file = join(example.folder, path)
  const before = readFileSync(file, 'utf8')
  const after = to(before)
  expect(after).not.toBe(before)
  writeFileSync(file, after)
  onTestFinished(() => writeFileSync(file, before))
}

const makeFake = (): FakeSecretsManager => new FakeSecretsManager({ secrets: { 'prod/api-key': 'one' } })

const fakeOfBuild = makeFake()
let printed: string

beforeAll(async () => {
  const { endpoint, close } = await fakeOfBuild.listen()
  printed = await example.run('build', environment(fakeOfBuild, endpoint))
  await close()
})

interface App {
  readonly process: StartedProcess
  readonly fake: FakeSecretsManager
  /** Resolves with the text of an answer. */
  get(path: string): Promise<string>
  /** What the route returns. */
  key(): Promise<Record<string, unknown>>
}

/** Starts `next dev` or `next start`. */
async function startApp(command: 'dev' | 'start', env: Record<string, string> = {}, fake = makeFake()): Promise<App> {
  const port = String(await freePort())
  const args = ['node_modules/next/dist/bin/next', command, '--hostname', '127.0.0.1', '--port', port]
  const process = example.start(args, { ...(await serve(fake)), ...env })
  await process.said('Ready in')
  const get = async (path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    expect(response.status).toBe(200)
    return response.text()
  }
  return { process, fake, get, key: async () => JSON.parse(await get('/api/key')) }
}

describe('the example with Next.js', () => {
  it('calls no AWS while it is built, and leaves the page and the route for each request', () => {
    expect(fakeOfBuild.calls).toEqual([])
    expect(printed).toMatch(/ƒ \/\n/)
    expect(printed).toMatch(/ƒ \/api\/key\n/)
  })

  it('reads a secret once for the instrumentation, the route and the page', async () => {
    const { fake, get, key } = await startApp('start')
    await eventually(() => expect(fake.calls).toHaveLength(1))
    expect(await key()).toEqual({ versionId: expect.any(String), length: 3 })
    // React puts a comment between two pieces of text.
    expect((await get('/')).replaceAll('<!-- -->', '')).toContain('The key has 3 characters.')
    expect(fake.calls).toMatchObject([{ operation: 'GetSecretValue' }])
  })

  it('reads a key anew when it has rotated', async () => {
    const { fake, key } = await startApp('start', { SECRETS_TTL_MS: '500' })
    expect(await key()).toMatchObject({ length: 3 })
    fake.rotate('prod/api-key', 'three')
    await eventually(async () => expect(await key()).toMatchObject({ length: 5 }))
  })

  it('starts without AWS, and reads the key once that is there', async () => {
    const broken = makeFake()
    broken.inject({ error: 'InternalServiceError' })
    const { fake, key } = await startApp('start', {}, broken)
    await eventually(() => expect(fake.calls).not.toEqual([]))
    fake.recover()
    await eventually(async () => expect(await key()).toMatchObject({ length: 3 }))
  })

  it('ends by itself when it is told to, with nothing to close', async () => {
    const { process, key } = await startApp('start')
    expect(await key()).toMatchObject({ length: 3 })
    process.child.kill('SIGTERM')
    expect(await process.ended).toMatchObject({ code: 143, stderr: '' })
  })

  it('has one cache, too, if the package is not bundled', async () => {
    writeFileSync(join(example.folder, 'next.config.mjs'), "export default { serverExternalPackages: ['awscurrent'] }\n")
    onTestFinished(() => rmSync(join(example.folder, 'next.config.mjs')))
    await example.run('build')
    const { fake, key } = await startApp('start')
    await eventually(() => expect(fake.calls).toHaveLength(1))
    expect(await key()).toMatchObject({ length: 3 })
    expect(fake.calls).toHaveLength(1)
  })

  it('would have three caches in production if a variable of the module kept it', async () => {
    change('lib/secrets.ts', text => text.replace(/^const kept = .*$/m, 'const kept: { secrets?: SecretCache } = {}'))
    await example.run('build')
    const { fake, get, key } = await startApp('start')
    await eventually(() => expect(fake.calls).toHaveLength(1))
    expect(await key()).toMatchObject({ length: 3 })
    await get('/')
    await get('/')
    expect(fake.calls).toHaveLength(3)
  })

  it('would call AWS while it is built if a module read a secret when it is loaded', async () => {
    change('app/api/key/route.ts', text => `${text}await secrets().getSecret('prod/api-key')\n`)
    const fake = makeFake()
    await example.run('build', await serve(fake))
    expect(new Set(fake.calls.map(({ operation }) => operation))).toEqual(new Set(['GetSecretValue']))
    // Nor can it be built where there is no secret.
    fake.perform('DeleteSecret', { SecretId: 'prod/api-key', ForceDeleteWithoutRecovery: true })
    await expect(example.run('build', await serve(fake))).rejects.toThrow('ERR_SECRET_NOT_FOUND')
  })

  it('cannot be built for the edge runtime, and says what is missing there', async () => {
    change('app/api/key/route.ts', text => `${text}export const runtime = 'edge'\n`)
    await expect(example.run('build')).rejects.toThrow('Native module not found: node:diagnostics_channel')
  })

  // The last: a development server that is told to end leaves behind half of the types that a build checks.
  it('keeps the cache in development while files change', async () => {
    const { fake, key } = await startApp('dev')
    expect(await key()).toMatchObject({ length: 3 })
    change('lib/secrets.ts', text => `${text}export const changed = true\n`)
    change('app/api/key/route.ts', text =>
      text.replace('import { secrets }', 'import { changed, secrets }').replace('json({', 'json({ changed,'),
    )
    await eventually(async () => expect(await key()).toMatchObject({ changed: true, length: 3 }))
    expect(fake.calls).toHaveLength(1)
  })
})
