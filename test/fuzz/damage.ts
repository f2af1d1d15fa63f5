import fc from 'fast-check'
import { damageText, type TextDamage, textDamage } from './text-damage.js'

type Holder = Record<string, unknown>

/** One change to a value that is made of plain objects, arrays and texts. */
interface Damage {
  kind: (typeof kinds)[number]
  /** Picks the place, modulo how many there are. */
  at: number
  /** Picks a second place, for what needs one. */
  other: number
  junk: unknown
  text: TextDamage
}

const kinds = ['replace', 'remove', 'rename', 'wrap', 'swap', 'edit', 'edit', 'quote', 'copy'] as const

/** Keys that mean something to JavaScript, or to nobody. */
const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'then', '', '0', 'x']

/** What stands where something else is expected. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, true, false, 0, -0, -1, 0.5, 1e308, 2 ** 53, 2 ** 63, '', ' ', '0', 'null', 'undefined', '[object Object]'],
    ...['__proto__', 'AWSCURRENT', 'AWSPENDING', '\u0000', '\ud800', '\ufeff', '\n', [], {}, [[]], [null], [''], { length: 1 }],
    ...['x'.repeat(5_000), '['.repeat(5_000), Array.from({ length: 300 }, () => 'x')],
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.jsonValue({ maxDepth: 2 }),
)

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom(...kinds),
  at: fc.nat(),
  other: fc.nat(),
  junk,
  text: textDamage,
})

/** One of the originals, damaged in up to four places; now and then not at all. */
export function damaged(originals: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .record({ original: fc.constantFrom(...originals), damages: fc.array(damage, { maxLength: 4 }) })
    .map(({ original, damages }) => damages.reduce(apply, structuredClone(original)))
}

/** The same as JSON text, with damage to the text as well, such as a key that is there twice. */
export function damagedJson(originals: readonly unknown[]): fc.Arbitrary<string> {
  return fc
    .record({ value: damaged(originals), damages: fc.array(textDamage, { maxLength: 2 }), twice: fc.option(junk, { freq: 5 }) })
    .map(({ value, damages, twice }) => damages.reduce(damageText, repeatKey(JSON.stringify(value) ?? '', twice)))
}

/** Names the first key of an object once more at its end: of two, parsers take the last. */
function repeatKey(text: string, value: unknown): string {
  const [, key] = /^\{("(?:[^"\\]|\\.)*"):/.exec(text) ?? []
  return key === undefined || value === null ? text : `${text.slice(0, -1)},${key}:${JSON.stringify(value)}}`
}

function apply(root: unknown, { kind, at, other, junk, text }: Damage): unknown {
  // A holder of the root's own, so that the root can be replaced like anything else.
  const top: Holder = { root }
  const places = placesIn(top)
  const [holder, key] = places[at % places.length]!
  const value = holder[key]
  switch (kind) {
    case 'replace':
      // A copy: the next damage may be done to it.
      set(holder, key, structuredClone(junk))
      break
    case 'remove':
      delete holder[key]
      break
    case 'rename':
      delete holder[key]
      set(holder, other % 2 === 0 ? keys[other % keys.length]! : damageText(key, text), value)
      break
    case 'wrap':
      set(holder, key, other % 2 === 0 ? [value] : { [keys[other % keys.length]!]: value })
      break
    case 'swap': {
      const [otherHolder, otherKey] = places[other % places.length]!
      // A copy: what holds itself would be no JSON.
      set(holder, key, structuredClone(otherHolder[otherKey]))
      break
    }
    case 'edit':
      if (typeof value === 'string') set(holder, key, damageText(value, text))
      break
    case 'quote':
      set(holder, key, JSON.stringify(value))
      break
    case 'copy':
      set(holder, keys[other % keys.length]!, structuredClone(value))
      break
  }
  return top.root
}

/** Every place in a value where something stands, as what holds it and the key. */
function placesIn(holder: Holder): [Holder, string][] {
  return Object.keys(holder).flatMap((key): [Holder, string][] => {
    const value = holder[key]
    const inside = typeof value === 'object' && value !== null ? placesIn(value as Holder) : []
    return [[holder, key], ...inside]
  })
}

/** Not by assignment, which would set the prototype for the key `__proto__`. */
function set(holder: Holder, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
}
