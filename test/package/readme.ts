import { readdirSync, readFileSync } from 'node:fs'

/** A page of the documentation. */
export interface Page {
  /** Its path in the repository. */
  file: string
  text: string
}

/** Every page of the documentation: those at the top first, then those of docs. */
export function readPages(): Page[] {
  const pages = readdirSync('docs').filter(name => name.endsWith('.md'))
  const top = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md']
  return [...top, ...pages.sort().map(name => `docs/${name}`)].map(file => ({ file, text: readFileSync(file, 'utf8') }))
}

/** The text of one page. */
export function readPage(file: string): string {
  return readFileSync(file, 'utf8')
}

interface Fence {
  language: string
  /** The file that the first line names after the language, as in "```ts examples/hono/app.ts". */
  file: string | undefined
  code: string
}

function fences(markdown: string): Fence[] {
  const found = markdown.matchAll(/^```(\S*)(?: (\S+))?\n(.*?)^```$/gms)
  return [...found].map(([, language = '', file, code = '']) => ({ language, file, code }))
}

/** The contents of the fenced code blocks of one language, in order, without quotations. */
export function codeBlocks(markdown: string, language: string): string[] {
  return fences(markdown).flatMap(fence => (fence.language === language && fence.file === undefined ? [fence.code] : []))
}

/** The code blocks that are taken from a file, which is compiled and tested where it stands. */
export function quotations(markdown: string): { file: string; code: string }[] {
  return fences(markdown).flatMap(({ file, code }) => (file === undefined ? [] : [{ file, code }]))
}

/** The first cells of all table rows that hold an import path of the package, without their backquotes. */
export function listedSpecifiers(markdown: string): string[] {
  return [...markdown.matchAll(/^\| \[`(awscurrent(?:\/[\w-]+)?)`\]\([^)]+\) \|/gm)].flatMap(([, specifier]) => specifier ?? [])
}

/** Where the links and images of a text lead to that is not on the web. */
export function localLinks(markdown: string): string[] {
  return [...markdown.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].flatMap(([, target]) => target ?? [])
}

/** The fragments by which the headings of a text can be linked to. */
export function fragments(markdown: string): string[] {
  const headings = [...markdown.matchAll(/^#{1,6} (.+)$/gm)].flatMap(([, heading]) => heading ?? [])
  return headings.map(heading =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}
