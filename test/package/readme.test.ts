import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { run } from '../support/run.js'
import { codeBlocks, readReadme } from './readme.js'

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

const compilerOptions = {
  module: 'NodeNext',
  target: 'ES2023',
  lib: ['ES2023', 'ESNext.Disposable'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
}

function compile(folderName: string, blocks: readonly string[]): void {
  const folder = join(inject('fullApp'), folderName)
  mkdirSync(folder)
  // `export {}` makes a module of a block without imports, so that no name of one block is seen in another.
  for (const [index, block] of blocks.entries()) writeFileSync(join(folder, `block-${index + 1}.mts`), `${block}\nexport {}\n`)
  cpSync('test/package/readme-globals.d.ts', join(folder, 'readme-globals.d.ts'))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }))
  run(process.execPath, [tsc, '--project', folder])
}

test('every TypeScript block of the README compiles against the packed package', () => {
  compile('readme', codeBlocks(readReadme(), 'ts'))
})

test('a block that asks the package for what it does not have fails to compile', () => {
  const blocks = codeBlocks("```ts\nimport { SecretCache, NoSuchThing } from 'awscurrent'\n```", 'ts')
  expect(() => compile('broken-readme', blocks)).toThrow('NoSuchThing')
})
