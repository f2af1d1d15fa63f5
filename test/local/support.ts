import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { SecretCache, type SecretCacheOptions, type SecretSource } from '../../src/index.js'
import { type FileSourceOptions, fileSource } from '../../src/local/index.js'

/** A signal that never aborts. */
export const patient: { signal: AbortSignal } = { signal: new AbortController().signal }

/** A folder that is gone after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'awscurrent-local-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a file that only its owner may read; what is not text is written as JSON. */
export function save(file: string, contents: unknown): void {
  writeFileSync(file, typeof contents === 'string' ? contents : JSON.stringify(contents), { mode: 0o600 })
}

/** A source of a new file with these contents. */
export function sourceOf(
  contents: unknown,
  { name = 'secrets.json', ...options }: FileSourceOptions & { name?: string } = {},
): { source: SecretSource; file: string } {
  const file = join(makeFolder(), name)
  save(file, contents)
  return { source: fileSource(file, options), file }
}

/** A cache of this source that is closed after the test. */
export function openCache(source: SecretSource, options: SecretCacheOptions = {}): SecretCache {
  const cache = new SecretCache({ source, ...options })
  onTestFinished(() => cache.close())
  return cache
}
