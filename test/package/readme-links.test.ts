import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fragments, localLinks, readReadme } from './readme.js'

const links = localLinks(readReadme())

test.each(links.filter(link => link.startsWith('#')))('the link %s of the README leads to a heading', link => {
  expect(fragments(readReadme())).toContain(link.slice(1))
})

test.each(links.filter(link => !link.startsWith('#')))('the link %s of the README leads to a file or a folder', link => {
  expect(link).toSatisfy(existsSync)
})
