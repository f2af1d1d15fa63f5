import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import { expect, test } from 'vitest'
import { fragments, localLinks, readPage, readPages } from './readme.js'

const pages = readPages()
const testMap = { file: 'test/README.md', text: readFileSync('test/README.md', 'utf8') }
const links = [...pages, testMap].flatMap(({ file, text }) =>
  localLinks(text).map(link => ({ file, link, ...targetOf(file, link) })),
)

/** The file that a link of a page leads to, and the heading in it. */
function targetOf(file: string, link: string): { target: string; fragment: string | undefined } {
  const [path = '', fragment] = link.split('#')
  return { target: path === '' ? file : join(file, '..', path), fragment }
}

test.each(links)('the link $link of $file leads to a file or a folder of the repository', ({ target }) => {
  expect(target).not.toMatch(/^\.\./)
  expect(target).toSatisfy(existsSync)
})

test.each(links.filter(({ fragment }) => fragment !== undefined))(
  'the link $link of $file leads to a heading',
  ({ target, fragment }) => {
    expect(fragments(readPage(target))).toContain(fragment)
  },
)

test.each(['README.md', 'docs/README.md'])('%s leads to every page of the docs', file => {
  const linked = new Set(links.filter(link => link.file === file).map(({ target }) => target))
  expect(pages.map(page => page.file).filter(page => page !== file && !linked.has(page))).toEqual([])
})

test('the README is at most 240 lines', () => {
  expect(readPage('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(240)
})

test('the figures of the README are those of the benchmarks', () => {
  const [, table = ''] = readPage('README.md').split('| figure | goal, at most | measured |\n')
  const rows = table.slice(0, table.indexOf('\n\n')).split('\n')
  expect(rows.length).toBeGreaterThan(5)
  expect(readPage('docs/benchmarks.md').split('\n')).toEqual(expect.arrayContaining(rows))
})
