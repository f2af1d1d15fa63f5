import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { run } from '../support/run.js'
import { codeBlocks, type Page, quotations, readPages } from './readme.js'

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

function compile(folderName: string, pages: readonly Page[]): void {
  const folder = join(inject('fullApp'), folderName)
  mkdirSync(folder)
  for (const { file, text } of pages) {
    const name = file.replace('/', '-').replace('.md', '')
    for (const [index, block] of codeBlocks(text, 'ts').entries()) {
      // `export {}` makes a module of a block without imports, so that no name of one block is seen in another.
      writeFileSync(join(folder, `${name}-${index + 1}.mts`), `${block}\nexport {}\n`)
    }
  }
  cpSync('test/package/readme-globals.d.ts', join(folder, 'readme-globals.d.ts'))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }))
  run(process.execPath, [tsc, '--project', folder])
}

test('every TypeScript block of the README and the docs compiles against the packed package', () => {
  const pages = readPages()
  expect(pages.flatMap(({ text }) => codeBlocks(text, 'ts')).length).toBeGreaterThan(30)
  compile('readme', pages)
})

test('a block that asks the package for what it does not have fails to compile', () => {
  const text = "```ts\nimport { SecretCache, NoSuchThing } from 'awscurrent'\n```"
  expect(() => compile('broken-readme', [{ file: 'docs/broken.md', text }])).toThrow('NoSuchThing')
})

const quoted = readPages().flatMap(({ file: page, text }) => quotations(text).map(quotation => ({ page, ...quotation })))

test.each(quoted)('what $page shows of $file is its very text', ({ file, code }) => {
  expect(`\n${readFileSync(file, 'utf8')}`).toContain(`\n${code}`)
})
