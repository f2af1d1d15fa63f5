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

/** The contents of the fenced code blocks of one language, in order. */
export function codeBlocks(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(/^```(\S*)[^\n]*\n(.*?)^```$/gms)
  return [...blocks].flatMap(([, found, code]) => (found === language && code !== undefined ? [code] : []))
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
