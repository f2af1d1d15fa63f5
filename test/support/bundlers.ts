import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import commonjsPlugin from '@rollup/plugin-commonjs'
import jsonPlugin from '@rollup/plugin-json'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { rollup } from 'rollup'
import { build } from 'vite'
import webpack, { type Configuration } from 'webpack'

// Their types are those of their CommonJS files, unlike what Node loads.
const commonjs = commonjsPlugin as unknown as typeof commonjsPlugin.default
const json = jsonPlugin as unknown as typeof jsonPlugin.default

/** How a bundler is used for a server: all packages are in the bundle, as its documentation tells. */
export interface Bundler {
  name: string
  /** Bundles a module into a folder, and resolves with the file to run. */
  bundle(entry: string, folder: string): Promise<string>
}

const rollups = (name: string, format: 'es' | 'cjs', extension: string): Bundler => ({
  name,
  async bundle(entry, folder) {
    const plugins = [nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }), commonjs(), json()]
    // What cannot be resolved is left to Node, with a warning.
    const made = await rollup({ input: entry, plugins, onwarn: () => {} })
    await made.write({ dir: folder, format, entryFileNames: `bundle.${extension}`, chunkFileNames: `[name]-[hash].${extension}` })
    await made.close()
    return join(folder, `bundle.${extension}`)
  },
})

const webpacks = (name: string, extension: string, settings: Configuration): Bundler => ({
  name,
  async bundle(entry, folder) {
    const output = { ...settings.output, path: folder, filename: `bundle.${extension}`, chunkFilename: `[id].${extension}` }
    // Its minifier takes a minute for the SDK; Vite minifies, too.
    const optimization = { minimize: false }
    const compiler = webpack({ mode: 'production', target: 'node20', entry, optimization, ...settings, output })
    await new Promise<void>((done, failed) => {
      compiler.run((error, stats) => {
        if (error || stats?.hasErrors()) failed(error ?? new Error(stats?.toString({ all: false, errors: true })))
        else compiler.close(() => done())
      })
    })
    return join(folder, `bundle.${extension}`)
  },
})

const vite: Bundler = {
  name: 'Vite',
  async bundle(entry, folder) {
    await build({
      configFile: false,
      root: join(entry, '..'),
      logLevel: 'silent',
      ssr: { noExternal: true },
      build: { ssr: entry, outDir: folder, target: 'node20', minify: true, emptyOutDir: false },
    })
    const file = readdirSync(folder).find(name => /\.m?js$/.test(name))
    // So that Node takes the files for modules where no package.json says so.
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    return join(folder, file ?? 'missing')
  },
}

/** The bundlers that the documentation names, beside esbuild. */
export const bundlers: readonly Bundler[] = [
  rollups('rollup, as ES modules', 'es', 'mjs'),
  rollups('rollup, as CommonJS', 'cjs', 'cjs'),
  vite,
  webpacks('webpack, as CommonJS', 'cjs', {}),
  webpacks('webpack, as ES modules', 'mjs', {
    experiments: { outputModule: true },
    output: { module: true, chunkFormat: 'module', library: { type: 'module' } },
  }),
]
