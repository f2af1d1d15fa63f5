import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { runWithin } from './support/bounded-run.js'

const longest = 200_000
/** Work that grows with the square of these lengths takes many times as long, linear work a thousandth of it. */
const mostMs = 3_000
const samplesOfEach = 60

/** Patterns that meet no longer text than this. */
const lengths: Readonly<Record<string, number>> = {
  // A name, a code and the first thousand characters of a message: see foreign-error.ts.
  'core/failures/hints.ts': 1_200,
}

interface Pattern {
  readonly file: string
  readonly source: string
  readonly flags: string
}

const patterns = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .flatMap(patternsIn)

function patternsIn(file: string): Pattern[] {
  const found: Pattern[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      found.push({ file, source: node.text.slice(1, end), flags: node.text.slice(end + 1) })
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(`src/${file}`, 'utf8'), ts.ScriptTarget.Latest, true))
  return found
}

/** Text that the pattern matches, to begin with: a piece of it is then repeated, and the end spoilt, so that each way must be tried. */
function attacksOn({ file, source, flags }: Pattern): fc.Arbitrary<string> {
  // What fast-check cannot generate by is left out: it only makes fewer texts match.
  const plain = new RegExp(
    source.replaceAll(/\\p\{.*?\}/g, '.').replaceAll(/\\b|\(\?!.*?\)/g, ''),
    flags.replaceAll(/[gimuy]/g, ''),
  )
  const length = lengths[file] ?? longest
  return fc
    .record({
      text: fc.stringMatching(plain),
      from: fc.noBias(fc.nat(999)),
      size: fc.oneof(fc.constant(1), fc.nat(30)),
      keepsRest: fc.boolean(),
      // Repeated in its place: many patterns differ only in what may separate two parts.
      other: fc.option(fc.constantFrom('-', 'a', '0', ' ', ':', '/', '.', "'"), { freq: 2 }),
    })
    .map(({ text, from, size, keepsRest, other }) => {
      const at = Math.floor((from / 1_000) * text.length)
      const piece = other ?? (text.slice(at, at + size) || 'a')
      const rest = keepsRest ? text.slice(at + size) : ''
      return `${text.slice(0, at)}${piece.repeat(Math.ceil(length / piece.length))}${rest}\0`
    })
}

it('patterns are found', () => {
  expect(patterns.length).toBeGreaterThan(80)
})

it.each(patterns)(
  '$file: /$source/ takes no more steps than a text is long',
  ({ file, source, flags }) => {
    const texts = fc.sample(attacksOn({ file, source, flags }), { numRuns: samplesOfEach, seed: 1 })
    for (const text of texts) runWithin(mostMs, () => new RegExp(source, flags).test(text))
  },
  60_000,
)
