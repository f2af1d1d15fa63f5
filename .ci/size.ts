import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { entries } from './entries.js'

/** The most that an entry may weigh. */
const limits: Readonly<Record<string, number>> = { index: 36_400, lite: 8_700 }

/** The one export that is weighed, of entries that have others for other uses: a bundle contains what it imports. */
const weighed: Readonly<Record<string, string>> = { agent: 'agentSource', lite: 'liteSource' }

/** What an entry adds to a bundle: minified and gzipped, with its dependencies and without the AWS SDK and the framework. */
async function bundledBytes(name: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export ${weighed[name] === undefined ? '*' : `{ ${weighed[name]} }`} from './dist/${name}.js'`,
      resolveDir: '.',
    },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@aws-sdk/*', '@nestjs/*'],
  })
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)
}

for (const { name, specifier } of entries) {
  const bytes = await bundledBytes(name)
  const limit = limits[name] ?? Number.POSITIVE_INFINITY
  const tooLarge = bytes > limit
  if (tooLarge) process.exitCode = 1
  const most = Number.isFinite(limit) ? ` of at most ${limit}` : ''
  const what = weighed[name] === undefined ? specifier : `${weighed[name]} of ${specifier}`
  process.stdout.write(`${tooLarge ? 'too large: ' : ''}${what} ${bytes} bytes${most}\n`)
}
