import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { entries } from './entries.js'

/** The most that an entry may weigh. */
const limits: Readonly<Record<string, number>> = { index: 36_000, lite: 8_500 }

/** What an entry adds to a bundle: minified and gzipped, with its dependencies and without the AWS SDK. */
async function bundledBytes(name: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [`dist/${name}.js`],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@aws-sdk/*'],
  })
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)
}

for (const { name, specifier } of entries) {
  const bytes = await bundledBytes(name)
  const limit = limits[name] ?? Number.POSITIVE_INFINITY
  const tooLarge = bytes > limit
  if (tooLarge) process.exitCode = 1
  const most = Number.isFinite(limit) ? ` of at most ${limit}` : ''
  process.stdout.write(`${tooLarge ? 'too large: ' : ''}${specifier} ${bytes} bytes${most}\n`)
}
