import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { compileEntries } from '../support/compiled-entries.js'

test('the declarations of all entries compile for ES modules and CommonJS with no optional peer installed', () => {
  compileEntries({
    app: inject('bareApp'),
    typescript: 'node_modules/typescript',
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    extensions: ['mts', 'cts'],
  })
})

test('the declarations have nothing of the inside of a cache', () => {
  const folder = join(inject('bareApp'), 'node_modules/awscurrent/dist')
  const declarations = readdirSync(folder).filter(file => /\.d\.c?ts$/.test(file))
  expect(declarations).toContain('index.d.cts')
  for (const file of declarations) expect(readFileSync(join(folder, file), 'utf8')).not.toMatch(/inside\(|@internal/)
})
