// What an import adds to a bundle: minified and gzipped, the AWS SDK left out.
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { round, showFigure, showTable } from './support/report.mjs'

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
    external: ['@aws-sdk/*'],
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
