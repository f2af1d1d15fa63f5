import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { entries } from '../../.ci/entries.js'
import { run } from './run.js'

/** What to compile the entries of the packed package by. */
export interface Compilation {
  /** The folder of an application that has the package. */
  app: string
  /** The folder of the package `typescript`. */
  typescript: string
  module: 'Node16' | 'NodeNext' | 'ESNext'
  moduleResolution: 'Node16' | 'NodeNext' | 'Bundler'
  /** A file of each of these imports the entries: `mts`, `cts`. */
  extensions: readonly string[]
}

/** The entries whose types are made of those of a framework. `test/frameworks` compiles them with it. */
const ofFrameworks = ['nest']

/** What fails to compile where the compiler did not find node's types, and so takes a Buffer for `any`. */
const typesOfNode = `
type IsAny<T> = 0 extends 1 & T ? true : false
declare const cache: import('awscurrent').SecretCache
export const isAny: IsAny<Awaited<ReturnType<typeof cache.getSecretBinary>>> = false
`

/** Compiles files that import every entry but those of frameworks, with all declarations checked. Throws what the compiler says against it. */
export function compileEntries({ app, typescript, module, moduleResolution, extensions }: Compilation): void {
  const folder = join(app, 'compiled')
  mkdirSync(folder, { recursive: true })
  const compiled = entries.filter(({ name }) => !ofFrameworks.includes(name))
  const imports = compiled.map(({ specifier }, index) => `import * as entry${index} from '${specifier}'`)
  const names = compiled.map((_entry, index) => `entry${index}`)
  const text = `${imports.join('\n')}\nexport const all = [${names.join(', ')}]\n${typesOfNode}`
  const files = extensions.map(extension => `entries.${extension}`)
  for (const file of files) writeFileSync(join(folder, file), text)
  const compilerOptions = {
    module,
    moduleResolution,
    target: 'ES2022',
    // Without the DOM, which a server does not have.
    lib: ['ES2022'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    // The default since TypeScript 6: the declarations themselves name the types that they need.
    types: [],
    typeRoots: [resolve('node_modules/@types')],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  run(process.execPath, [join(typescript, 'bin/tsc'), '--project', folder])
}
