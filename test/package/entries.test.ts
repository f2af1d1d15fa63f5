import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, inject, test } from 'vitest'
import { entries } from '../../.ci/entries.js'
import { listedSpecifiers, readPage } from './readme.js'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))

/** Folders of src that no import path leads to. */
const internalFolders = ['core', 'parameters', 'pools', 'signals']

/** The command line tool: a `bin`, which nobody imports. */
const tool = 'cli'

test.each(entries)('$specifier has a source file', ({ source }) => {
  expect(existsSync(source)).toBe(true)
})

test('src holds the entries, the internal folders and the command line tool, nothing else', () => {
  const found = readdirSync('src', { withFileTypes: true }).map(file => file.name.replace(/\.ts$/, ''))
  expect(found.filter(name => !internalFolders.includes(name) && name !== tool).sort()).toEqual(
    entries.map(({ name }) => name).sort(),
  )
})

test.each(entries)('$specifier names its own files for both module formats, types first', ({ name, specifier }) => {
  const conditions = manifest.exports[`.${specifier.slice('awscurrent'.length)}`]
  expect(JSON.stringify(conditions)).toBe(
    JSON.stringify({
      import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
      require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
    }),
  )
})

test('the packed tarball holds dist, package.json and the papers', () => {
  const files = readdirSync(`${inject('bareApp')}/node_modules/awscurrent`).sort()
  expect(['LICENSE', 'README.md', 'dist', 'package.json']).toEqual(expect.arrayContaining(files))
})

test("the README's table lists exactly the entries", () => {
  expect(listedSpecifiers(readPage('README.md')).sort()).toEqual(entries.map(({ specifier }) => specifier).sort())
})
