import { inject, test } from 'vitest'
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
