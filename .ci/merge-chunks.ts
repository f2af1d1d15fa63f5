// Merges, after the build, what entries share into few files: every file that is loaded costs start-up.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { type OutputOptions, rollup } from 'rollup'
import { entries } from './entries.js'

/** The entries that are of no use without a whole cache. */
const wholeCache = ['index', 'cache', 'lambda', 'admin', 'failover']

const imports = /\b(?:from|import)\s*"\.\/(chunk-\w+\.js)"/g

/** The chunks that an entry, or a chunk, loads. */
function chunksOf(file: string, found: Set<string> = new Set()): Set<string> {
  for (const [, chunk = ''] of readFileSync(`dist/${file}`, 'utf8').matchAll(imports)) {
    if (found.has(chunk)) continue
    found.add(chunk)
    chunksOf(chunk, found)
  }
  return found
}

const chunks = new Map(entries.map(({ name }) => [name, chunksOf(`${name}.js`)]))

/** The file for a chunk that the cache loads. Who needs only a part of the cache is not given more than a part. */
function fileFor(id: string): string | undefined {
  const chunk = id.slice(id.lastIndexOf('/') + 1)
  const isOf = (name: string): boolean => chunks.get(name)?.has(chunk) === true
  if (!isOf('index')) return undefined
  if (isOf('lite')) return 'base'
  if (!isOf('cache')) return 'client'
  return entries.some(({ name }) => isOf(name) && !wholeCache.includes(name)) ? 'shared' : 'core'
}

const built = readdirSync('dist').filter(file => /\.c?js$/.test(file))
const bundle = await rollup({
  input: Object.fromEntries(entries.map(({ name }) => [name, `dist/${name}.js`])),
  external: id => !/^(\.|\/|dist)/.test(id),
  treeshake: false,
})
for (const file of built) rmSync(`dist/${file}`)

const shared: OutputOptions = {
  dir: 'dist',
  banner: '/* Bundles p-retry and is-network-error: MIT License, Copyright (c) Sindre Sorhus */',
  hoistTransitiveImports: false,
  manualChunks: fileFor,
}
await bundle.write({ ...shared, format: 'es', chunkFileNames: 'chunk-[hash].js' })
await bundle.write({
  ...shared,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunk-[hash].cjs',
  // Jest's CommonJS loader has no import().
  dynamicImportInCjs: false,
  interop: 'auto',
})
