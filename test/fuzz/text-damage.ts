import fc from 'fast-check'

/** One change to a text. */
export interface TextDamage {
  kind: (typeof kinds)[number]
  /** Picks the place, modulo how long the text is. */
  at: number
  length: number
  insert: string
}

const kinds = ['insert', 'insert', 'overwrite', 'cut', 'truncate', 'repeat', 'case', 'lookalike', 'pad'] as const

/** What looks the same to people, and is not. */
const lookalikes: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  o: 'о',
  p: 'р',
  s: 'ѕ',
  '-': '‐',
  '/': '∕',
  ':': '։',
  '.': '。',
}

const insertions = fc.oneof(
  fc.constantFrom(
    '\n',
    '\r\n',
    '\0',
    ' ',
    '\t',
    ':',
    '/',
    '//',
    '..',
    '@',
    '#',
    '?',
    '%2e',
    '%00',
    '\\',
    '"',
    "'",
    '{',
    '}',
    '[',
    ',',
  ),
  fc.constantFrom(
    '{{',
    '}}',
    '{{resolve:',
    '\u202e',
    '\u200b',
    '\ufeff',
    '\ud800',
    '\udc00',
    '\u0301',
    'İ',
    'ß',
    '１',
    '$&',
    '__proto__',
    ':443',
    '*',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
)

export const textDamage: fc.Arbitrary<TextDamage> = fc.record({
  kind: fc.constantFrom(...kinds),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 40 }),
  insert: insertions,
})

export function damageText(text: string, { kind, at, length, insert }: TextDamage): string {
  const place = at % (text.length + 1)
  const before = text.slice(0, place)
  const after = text.slice(place)
  switch (kind) {
    case 'insert':
      return before + insert + after
    case 'overwrite':
      return before + insert + after.slice(insert.length)
    case 'cut':
      return before + after.slice(length)
    case 'truncate':
      return before
    case 'repeat':
      return before + after.slice(0, length) + after
    case 'case': {
      const letter = after.slice(0, 1)
      return before + (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()) + after.slice(1)
    }
    case 'lookalike':
      return before + after.replace(/[aceiops\-/:.]/, letter => lookalikes[letter]!)
    case 'pad':
      return insert + text + insert
  }
}

/** The bytes of a text, with one of them changed now and then. */
export function damagedBytes(texts: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> {
  return fc.record({ text: texts, at: fc.nat(), bits: fc.nat(255) }).map(({ text, at, bits }) => {
    const bytes = Buffer.from(text)
    if (bytes.length > 0) bytes[at % bytes.length]! ^= bits
    return bytes
  })
}
