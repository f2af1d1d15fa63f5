import { type Input, requiredText, texts } from '../input.js'
import type { StoredSecret } from '../secret-store.js'
import { invalidMember } from '../service-error.js'
import { unexpected } from '../unexpected.js'

type Test = (secret: StoredSecret, wanted: string) => boolean

/** How each filter compares: the documentation has a prefix everywhere, and names with their case. */
const tests: Readonly<Record<string, Test>> = {
  name: (secret, wanted) => secret.name.startsWith(wanted),
  description: (secret, wanted) => (secret.description ?? '').toLowerCase().startsWith(wanted.toLowerCase()),
  'tag-key': (secret, wanted) => secret.tags.some(tag => tag.Key.startsWith(wanted)),
  'tag-value': (secret, wanted) => secret.tags.some(tag => tag.Value.startsWith(wanted)),
  all: (secret, wanted) => searchText(secret).includes(wanted.toLowerCase()),
}

const mostFilters = 10

/** The secrets that pass every filter; a filter passes with any of its values. */
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

function searchText({ name, description, tags }: StoredSecret): string {
  return [name, description ?? '', ...tags.flatMap(tag => [tag.Key, tag.Value])].join('\n').toLowerCase()
}
