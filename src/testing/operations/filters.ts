import { type Input, requiredText, texts } from '../input.js'
import type { StoredSecret } from '../secret-store.js'
import { invalidMember } from '../service-error.js'
import { unexpected } from '../unexpected.js'

type Test = (secret: StoredSecret, wanted: string) => boolean

/** How each filter compares, as recorded from the service: names and tags by a case-sensitive prefix, descriptions by their words. */
const tests: Readonly<Record<string, Test>> = {
  name: (secret, wanted) => secret.name.startsWith(wanted),
  description: (secret, wanted) => hasWords(secret.description ?? '', wanted),
  'tag-key': (secret, wanted) => secret.tags.some(tag => tag.Key.startsWith(wanted)),
  'tag-value': (secret, wanted) => secret.tags.some(tag => tag.Value.startsWith(wanted)),
  all: (secret, wanted) => textsOf(secret).some(text => hasWords(text, wanted)),
}

const mostFilters = 10

/** The secrets that match every filter; a secret matches a filter with any of its values. */
export function matching(secrets: readonly StoredSecret[], filters: readonly Input[]): StoredSecret[] {
  if (filters.length > mostFilters) throw invalidMember('Filters', `have length less than or equal to ${mostFilters}`)
  const compiled = filters.map(compile)
  return secrets.filter(secret => compiled.every(passes => passes(secret)))
}

function compile(filter: Input): (secret: StoredSecret) => boolean {
  const key = requiredText(filter, 'Key', 128)
  const values = texts(filter, 'Values', 10) ?? []
  const test = Object.hasOwn(tests, key) ? tests[key] : undefined
  if (test === undefined) throw unexpected(`The fake has no filter "${key}".`, Object.keys(tests))
  return secret => values.some(value => (value.startsWith('!') ? !test(secret, value.slice(1)) : test(secret, value)))
}

function textsOf({ name, description, tags }: StoredSecret): string[] {
  return [name, description ?? '', ...tags.flatMap(tag => [tag.Key, tag.Value])]
}

/** Whether each wanted word is the beginning of a word of the text. */
function hasWords(text: string, wanted: string): boolean {
  const [words, beginnings] = [wordsOf(text), wordsOf(wanted)]
  return beginnings.length > 0 && beginnings.every(beginning => words.some(word => word.startsWith(beginning)))
}

/** Letters and digits, split where a capital begins a word: `AppBeta` has two, `COMPANYthings` has `COMPAN` and `Ythings`. */
function wordsOf(text: string): string[] {
  const words = text.match(/\p{Lu}+(?!\p{Ll})\p{N}*|\p{Lu}?[\p{Ll}\p{Lo}\p{N}]+/gu) ?? []
  return words.map(word => word.toLowerCase())
}
