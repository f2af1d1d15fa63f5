import { basename } from 'node:path'
import { parseEnv } from 'node:util'
import { isPlainObject } from '../core/secrets/plain-object.js'

/** The value of one version: text or bytes. */
export type SecretContent = { readonly string: string } | { readonly binary: Uint8Array }

/** The forms of a file of secrets. */
export type FileForm = 'json' | 'env'

/** The form of a file, by its name; undefined if there is none. */
export function formOf(file: string): FileForm | undefined {
  const name = basename(file)
  if (name.endsWith('.json')) return 'json'
  return /^\.env\.|\.env$/.test(name) ? 'env' : undefined
}

/** Reads the secrets in the text of a file, by name. If the text is malformed, it returns what the file must contain. */
export function parseSecrets(text: string, form: FileForm): Map<string, SecretContent> | string {
  if (form === 'env') return new Map(Object.entries(parseEnv(text)).map(([name, string = '']) => [name, { string }]))
  const json = parseJson(text)
  if (json === undefined) return 'is not valid JSON'
  if (!isPlainObject(json)) return 'is not a JSON object'
  return new Map(Object.entries(json).map(([name, value]) => [name, contentOf(value)]))
}

/** Undefined if the text is not JSON. V8's error would quote the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function contentOf(value: unknown): SecretContent {
  if (typeof value === 'string') return { string: value }
  const base64 = base64In(value)
  return base64 === undefined ? { string: JSON.stringify(value) } : { binary: Buffer.from(base64, 'base64') }
}

/** The bytes of `{ "SecretBinary": … }`, as the AWS CLI prints them. */
function base64In(value: unknown): string | undefined {
  if (!isPlainObject(value) || Object.keys(value).join() !== 'SecretBinary') return undefined
  const { SecretBinary } = value
  return typeof SecretBinary === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(SecretBinary) ? SecretBinary : undefined
}
