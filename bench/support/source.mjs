import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** Imports a file of the package's source or of its test support, for what no entry exports. */
export async function importSource(path) {
  const folder = await mkdtemp(join(tmpdir(), 'awscurrent-bench-'))
  const outfile = join(folder, 'module.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL(`../../${path}`, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  })
  const module = await import(pathToFileURL(outfile))
  await rm(folder, { recursive: true })
  return module
}
