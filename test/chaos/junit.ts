import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A test's title, and what went wrong in it. */
export interface TestResult {
  title: string
  failures: readonly string[]
}

/** Writes results where CI counts them. */
export function writeJUnit(folder: string, suite: string, results: readonly TestResult[]): void {
  const cases = results.map(({ title, failures }) => {
    const failure = failures.length === 0 ? '' : `<failure message="${quote(failures.join('; '))}"/>`
    return `  <testcase classname="${suite}" name="${quote(title)}">${failure}</testcase>\n`
  })
  const failed = results.filter(({ failures }) => failures.length > 0).length
  const body = `<testsuite name="${suite}" tests="${results.length}" failures="${failed}">\n${cases.join('')}</testsuite>\n`
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${suite}.xml`), `<?xml version="1.0" encoding="UTF-8"?>\n${body}`)
}

function quote(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
