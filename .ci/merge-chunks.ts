// Merges, after the build, what entries share into few files: every file that is loaded costs start-up.
// Then adds to dist what a compiler leaves out: node's types, and the licences of the packages that it holds.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type OutputOptions, rollup } from 'rollup'
import { entries } from './entries.js'
import { bundled } from './shipped.js'

/** The entries that are of no use without a whole cache. */
const wholeCache = ['index', 'cache', 'lambda', 'admin', 'failover', 'nest']

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
/** What holds code of another package; tsup writes down where that comes from. */
const ofOthers = built.filter(file => readFileSync(`dist/${file}`, 'utf8').includes('// node_modules/'))
const bundle = await rollup({
  input: Object.fromEntries(entries.map(({ name }) => [name, `dist/${name}.js`])),
  external: id => !/^(\.|\/|dist)/.test(id),
  treeshake: false,
})
for (const file of built) rmSync(`dist/${file}`)

const shared: OutputOptions = {
  dir: 'dist',
  // The form of comment that minifiers keep.
  banner: ({ moduleIds }) =>
    moduleIds.some(id => ofOthers.some(file => id.endsWith(`/${file}`)))
      ? `/*! ${bundled.join(', ')}: MIT, (c) Sindre Sorhus */`
      : '',
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

// A compiler that loads no types but those that are named would take `Buffer` for `any`, and say nothing.
for (const file of readdirSync('dist').filter(name => /\.d\.c?ts$/.test(name))) {
  const text = readFileSync(`dist/${file}`, 'utf8')
  writeFileSync(`dist/${file}`, `/// <reference types="node" />\n${text}`)
}

/** The name, the version and the text of the licence of a package. */
function licenceOf(name: string): string {
  const folder = `node_modules/${name}`
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { version: string }
  const file = readdirSync(folder).find(entry => /^licen[cs]e(\.|$)/i.test(entry))
  if (file === undefined) throw new Error(`${name} has no licence to pass on.`)
  return `${name} ${version}\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`
}

const licences = bundled.map(licenceOf).join('\n---\n\n')
writeFileSync('dist/third-party-licenses.txt', `Compiled into these files:\n\n${licences}`)
