import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// Prints how many tests passed and failed by the JUnit reports of a folder, as two numbers.
const [folder = '.'] = process.argv.slice(2)
let passed = 0
let failed = 0
for (const name of readdirSync(folder)) {
  const [, ...tests] = readFileSync(join(folder, name), 'utf8').split('<testcase ')
  for (const test of tests) {
    if (/<(failure|error)\b/.test(test)) failed += 1
    else if (!test.includes('<skipped')) passed += 1
  }
}
process.stdout.write(`${passed} ${failed}\n`)
