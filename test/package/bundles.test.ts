import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type Format } from 'esbuild'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { FakeSecretsManager, type FakeServer } from '../../src/testing/index.js'
import { runScript } from '../support/run-script.js'

/** A bundle as anybody makes one: no package is left out. */
interface Bundle {
  /** The packages of which it holds something. */
  packages: Set<string>
  text: string
}

/** What esbuild needs in every bundle of modules that holds CommonJS packages, as the AWS SDK and aws4 are. */
const requireForModules = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"

const ways: [way: string, format: Format, load: (names: string, specifier: string) => string][] = [
  ['an ES module', 'esm', (names, specifier) => `import { ${names} } from '${specifier}'`],
  ['CommonJS made of ES modules', 'cjs', (names, specifier) => `import { ${names} } from '${specifier}'`],
  ['CommonJS', 'cjs', (names, specifier) => `const { ${names} } = require('${specifier}')`],
]

let fake: FakeSecretsManager
let server: FakeServer

beforeAll(async () => {
  fake = new FakeSecretsManager({ secrets: { 'prod/key': 'open sesame' } })
  server = await fake.listen()
})

afterAll(() => server.close())

async function bundle(script: string, format: Format, app: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: script, resolveDir: app },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'node',
    format,
    target: 'node20',
    ...(format === 'esm' && { banner: { js: requireForModules } }),
  })
  const inputs = Object.values(metafile.outputs).flatMap(output => Object.entries(output.inputs))
  const packages = inputs.flatMap(([file]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])
  return { packages: new Set(packages), text: outputFiles[0]?.text ?? '' }
}

/** Runs a bundle where nothing is but itself, and answers what it prints. */
async function runAlone({ text }: Bundle, format: Format): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'awscurrent-bundle-'))
  try {
    const file = join(folder, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs')
    await writeFile(file, text)
    const env = { AWS_ENDPOINT_URL: server.endpoint, AWS_REGION: fake.region, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
    return await runScript(file, { cwd: folder, env })
  } finally {
    await rm(folder, { recursive: true })
  }
}

const readOn = (cache: string): string => `
  const cache = ${cache}
  cache.getSecretString('prod/key').catch(error => isSecretCacheError(error) && error.code + error.hint).then(console.log)`

describe.each(ways)('bundled as %s', (_, format, load) => {
  it('awscurrent/cache with awscurrent/lite reads a secret, and holds no byte of the SDK', async () => {
    const made = await bundle(
      [
        load('isSecretCacheError, SecretCache', 'awscurrent/cache'),
        load('liteSource', 'awscurrent/lite'),
        readOn('new SecretCache({ source: liteSource() })'),
      ].join('\n'),
      format,
      inject('fullApp'),
    )
    expect(await runAlone(made, format)).toBe('open sesame\n')
    expect([...made.packages].filter(name => name.startsWith('@'))).toEqual([])
    expect(made.packages).toContain('aws4')
  })

  it('awscurrent reads a secret by the SDK, which is in the bundle', async () => {
    const script = [load('isSecretCacheError, SecretCache', 'awscurrent'), readOn('new SecretCache()')].join('\n')
    const made = await bundle(script, format, inject('fullApp'))
    expect(await runAlone(made, format)).toBe('open sesame\n')
    expect(made.packages).toContain('@aws-sdk/client-secrets-manager')
  })
})

// A require() that fails is an error of the bundler's wherever it stands.
describe.each(ways.slice(0, 2))('bundled as %s', (_, format, load) => {
  it.each([
    [
      'the SDK',
      [load('isSecretCacheError, SecretCache', 'awscurrent'), readOn('new SecretCache()')],
      '@aws-sdk/client-secrets-manager',
    ],
    [
      'aws4',
      [
        load('isSecretCacheError, SecretCache', 'awscurrent/cache'),
        load('liteSource', 'awscurrent/lite'),
        readOn('new SecretCache({ source: liteSource() })'),
      ],
      'aws4',
    ],
  ])('where %s is not installed, the first read says so', async (__, lines, peer) => {
    const made = await bundle(lines.join('\n'), format, inject('bareApp'))
    expect(await runAlone(made, format)).toBe(`ERR_SECRET_CONFIGnpm install ${peer}\n`)
  })
})

it('what is not the cache brings no SDK into a bundle of ES modules', async () => {
  const script = `import { DatabaseSecret, isSecretCacheError } from 'awscurrent'
    import { withSecrets } from 'awscurrent/lambda'
    console.log(DatabaseSecret, isSecretCacheError, withSecrets)`
  const { packages } = await bundle(script, 'esm', inject('fullApp'))
  expect([...packages]).toEqual(['awscurrent'])
})
