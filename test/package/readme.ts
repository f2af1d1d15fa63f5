import { existsSync, readFileSync } from 'node:fs'

/** The text of the README; empty while there is none. */
export function readReadme(): string {
  return existsSync('README.md') ? readFileSync('README.md', 'utf8') : ''
}

/** The contents of the fenced code blocks of one language, in order. */
export function codeBlocks(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(/^```(\S*)[^\n]*\n(.*?)^```$/gms)
  return [...blocks].flatMap(([, found, code]) => (found === language && code !== undefined ? [code] : []))
}

/** The first cells of all table rows that hold an import path of the package, without their backquotes. */
export function listedSpecifiers(markdown: string): string[] {
  return [...markdown.matchAll(/^\|\s*`(awscurrent(?:\/[\w-]+)?)`\s*\|/gm)].flatMap(([, specifier]) => specifier ?? [])
}
