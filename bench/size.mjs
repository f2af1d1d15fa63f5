// What an import adds to a bundle: minified and gzipped, the AWS SDK left out.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { round, showFigure, showTable } from './support/report.mjs'

const { exports, peerDependencies } = createRequire(import.meta.url)('awscurrent/package.json')

async function kilobytes(specifier) {
  const { outputFiles } = await build({
    // `export *` alone would leave a default export out.
    stdin: { contents: `export * as everything from '${specifier}'`, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@aws-sdk/*', ...Object.keys(peerDependencies)],
    logLevel: 'error',
  })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length / 1_000
}

const sizes = {}
for (const specifier of [
  'lru-cache',
  'p-retry',
  'awscurrent',
  '@aws-lambda-powertools/parameters/secrets',
  '@middy/secrets-manager',
]) {
  sizes[specifier] = await kilobytes(specifier)
}
showTable(
  'Minified and gzipped',
  Object.entries(sizes).map(([what, kB]) => ({ what, kB: round(kB) })),
  { of: 'kB' },
)
showFigure('awscurrent, everything but the AWS SDK', sizes.awscurrent, 17, ' kB')

const entries = Object.keys(exports).filter(entry => entry !== './package.json')
const weights = await Promise.all(
  entries.map(async entry => ({
    what: entry.replace('.', 'awscurrent'),
    kB: round(await kilobytes(entry.replace('.', 'awscurrent'))),
  })),
)
showTable(
  'Each entry alone, minified and gzipped',
  weights.toSorted((one, other) => other.kB - one.kB),
)
