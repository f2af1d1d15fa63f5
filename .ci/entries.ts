import { existsSync, readFileSync } from 'node:fs'

/** One import path of the package, as the `exports` of package.json name it. */
export interface Entry {
  /** What users import: `awscurrent` or `awscurrent/sns`. */
  specifier: string
  /** The base name of its built files: `index`, `sns`. */
  name: string
  /** Its source file, relative to the package's root. */
  source: string
}

interface Manifest {
  name: string
  exports: Record<string, unknown>
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest

/**
 * The entries of the package, read from the `exports` of package.json: the build, the size check and the tests all follow that one
 * list. Scripts that use it run at the package's root.
 */
export const entries: readonly Entry[] = Object.keys(manifest.exports)
  .filter(subpath => !subpath.endsWith('.json'))
  .map(subpath => {
    const name = subpath === '.' ? 'index' : subpath.slice('./'.length)
    const file = `src/${name}.ts`
    return {
      specifier: manifest.name + subpath.slice('.'.length),
      name,
      source: existsSync(file) ? file : `src/${name}/index.ts`,
    }
  })
