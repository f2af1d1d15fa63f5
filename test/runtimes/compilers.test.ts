import { beforeAll, describe, inject, it } from 'vitest'
import { type Compilation, compileEntries } from '../support/compiled-entries.js'
import { installedPackage } from '../support/installed.js'

const modes: readonly Pick<Compilation, 'module' | 'moduleResolution' | 'extensions'>[] = [
  { module: 'NodeNext', moduleResolution: 'NodeNext', extensions: ['mts', 'cts'] },
  { module: 'Node16', moduleResolution: 'Node16', extensions: ['mts', 'cts'] },
  { module: 'ESNext', moduleResolution: 'Bundler', extensions: ['ts'] },
]

describe.each(['5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '6', '7'])('TypeScript %s', version => {
  let typescript: string

  beforeAll(() => {
    typescript = installedPackage('typescript', version)
  })

  it.each(modes)('compiles the declarations of all entries by the rules of $moduleResolution', mode => {
    compileEntries({ app: inject('bareApp'), typescript, ...mode })
  })
})
