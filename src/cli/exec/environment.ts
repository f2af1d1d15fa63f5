import type { SecretCache } from 'awscurrent'
import { isArn } from '../../core/secrets/secret-id.js'
import { isParameterId } from '../../parameters/parameter-id.js'
import { CliError } from '../cli-error.js'

/** What each environment variable holds: a reference that `SecretCache.resolve` reads. */
export type References = ReadonlyMap<string, string>

/** The values, by variable. */
export type Values = Readonly<Record<string, string>>

/** A variable that could not be read. */
export interface Unread {
  readonly variable: string
  readonly error: unknown
}

/** Reads `NAME=reference` of each `--env`. */
export function parseReferences(mappings: readonly string[]): References {
  const references = new Map<string, string>()
  for (const mapping of mappings) {
    const [, variable = '', reference = ''] = /^([A-Za-z_]\w*)=(.+)$/s.exec(mapping) ?? []
    // What is wrong may be a value in the place of a reference: it is not repeated.
    if (variable === '') throw new CliError('--env takes NAME=id or NAME=id:key, such as DB_PASSWORD=prod/db:password.')
    if (references.has(variable)) throw new CliError(`--env names ${variable} twice.`)
    references.set(variable, referenceIn(reference))
  }
  return references
}

/** The name of a secret with a key has a form of its own here; `resolve` knows all the others. */
function referenceIn(text: string): string {
  const isOfResolve = text.includes('{{') || isArn(text) || isParameterId(text) || !text.includes(':')
  if (isOfResolve) return text
  const [id, ...rest] = text.split(':')
  return `{{resolve:secretsmanager:${[id, 'SecretString', ...rest].join(':')}}}`
}

/** Reads all variables side by side. */
export async function readValues(
  cache: SecretCache,
  references: References,
  signal?: AbortSignal,
): Promise<{ values: Values; unread: Unread[] }> {
  const values: Record<string, string> = {}
  const unread: Unread[] = []
  await Promise.all(
    [...references].map(async ([variable, reference]) => {
      try {
        values[variable] = checked(await cache.resolve(reference, { signal }))
      } catch (error) {
        unread.push({ variable, error })
      }
    }),
  )
  return { values, unread }
}

/** Node's own error would quote the value. */
function checked(value: string): string {
  if (value.includes('\0')) throw new CliError('An environment variable cannot hold the null byte in this value.', 1)
  return value
}

/** The variables whose values differ. */
export function changedIn(before: Values, after: Values): string[] {
  return Object.keys(after).filter(variable => after[variable] !== before[variable])
}
