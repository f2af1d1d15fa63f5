import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { inject, test } from 'vitest'
import { entries } from '../../.ci/entries.js'
import { run } from '../support/run.js'

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

const compilerOptions = {
  module: 'NodeNext',
  target: 'ES2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  types: ['node'],
  typeRoots: [resolve('node_modules/@types')],
}

test.each(['mts', 'cts'])('the declarations of all entries compile for a .%s file with no optional peer installed', extension => {
  const folder = join(inject('bareApp'), extension)
  mkdirSync(folder)
  const imports = entries.map(({ specifier }, index) => `import * as entry${index} from '${specifier}'`)
  const names = entries.map((_entry, index) => `entry${index}`)
  writeFileSync(join(folder, `entries.${extension}`), `${imports.join('\n')}\nexport const all = [${names.join(', ')}]\n`)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }))
  run(process.execPath, [tsc, '--project', folder])
})
