import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import { expect, test } from 'vitest'
import { circlesIn, importsOf, isAllowed, partOf } from './imports.js'

const files = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter(file => file.isFile())
  .map(file => join(file.parentPath, file.name))
const imports = files.flatMap(file => importsOf(file))
const internalParts = ['core', 'pools', 'signals', 'parameters']

/** Who imports a package: an entry as a whole, or one file that entries share. */
const importer = (file: string): string => (internalParts.includes(partOf(file)) ? file : partOf(file))

test('imports run from entries to pools, signals and parameters to core, and entries never import each other', () => {
  expect(imports.filter(({ kind }) => kind === 'file').filter(found => !isAllowed(found))).toEqual([])
})

test('no import of the core leads back to where it began', () => {
  expect(circlesIn(imports.filter(({ from, kind }) => kind === 'file' && partOf(from) === 'core'))).toEqual([])
})

test('a circle of imports is seen', () => {
  const circle = [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'b'],
  ] as const
  expect(circlesIn(circle.map(([from, to]) => ({ from, to, kind: 'file' })))).toEqual(['b', 'c'])
})

test('the drawing of the architecture shows which import paths use pools, signals and parameters', () => {
  const [, drawing = ''] = /```\n(.*?)```/s.exec(readFileSync('docs/architecture.md', 'utf8')) ?? []
  const drawn = drawing
    .trimEnd()
    .split('\n')
    .flatMap(line => {
      const [names = '', target] = line.split(/ ─+(?:▶ ([\w,]+))?/)
      return names.split(', ').map(name => [name, target ?? 'core'] as const)
    })
  const used = drawn.map(([name]) => {
    const targets = imports.filter(({ from, kind }) => kind === 'file' && partOf(from) === name).map(({ to }) => partOf(to))
    return [name, ['pools', 'signals', 'parameters'].filter(part => targets.includes(part)).join() || 'core']
  })
  expect(drawn).toEqual(used)
  const parts = [...new Set(files.map(partOf))].filter(part => !internalParts.includes(part))
  expect(drawn.map(([name]) => name).sort()).toEqual(parts.sort())
})

test('a third-party package is imported by one entry or by one shared file', () => {
  const importers = new Map<string, Set<string>>()
  for (const { from, to, kind } of imports) {
    // The command line tool is a file of its own, which loads the clients that it calls.
    if (kind === 'package' && partOf(from) !== 'cli') importers.set(to, (importers.get(to) ?? new Set()).add(importer(from)))
  }
  expect([...importers].filter(([, { size }]) => size > 1)).toEqual([])
})

test.each([
  ['src/index.ts', './core/cache.js', true],
  ['src/pg.ts', './pools/window.js', true],
  ['src/pools/window.ts', '../core/clock.js', true],
  ['src/testing/index.ts', './manual-clock.js', true],
  ['src/sns.ts', './sqs.js', false],
  ['src/sns.ts', './testing/index.js', false],
  ['src/pools/window.ts', '../signals/retry.js', false],
  ['src/core/entries/entry.ts', '../time/clock.js', true],
  ['src/core/entries/entry.ts', '../loads/load.js', false],
  ['src/core/entries/entry.ts', '../secret-cache.js', false],
  ['src/core/cache.ts', '../index.js', false],
  ['src/core/cache.ts', '../pools/window.js', false],
])('the rule about %s importing %s is kept', (file, specifier, allowed) => {
  expect(importsOf(file, `import type { Anything } from '${specifier}'`).map(isAllowed)).toEqual([allowed])
})

test('dynamic imports, re-exports and scoped packages are seen', () => {
  const text = "export * from './a.js'\nawait import('@aws-sdk/client-sns/dist')\nimport 'node:fs'"
  expect(importsOf('src/core/x.ts', text)).toEqual([
    { from: 'src/core/x.ts', to: 'src/core/a.ts', kind: 'file' },
    { from: 'src/core/x.ts', to: '@aws-sdk/client-sns', kind: 'package' },
  ])
})
