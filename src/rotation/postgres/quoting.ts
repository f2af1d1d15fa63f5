import { RotationRefusal } from '../rotation-error.js'

/** Quotes a name, so that it can only be a name. */
export function identifier(name: string): string {
  // The statement would end there.
  if (name.includes('\0')) throw new RotationRefusal('a name in the secret contains a NUL character')
  return `"${name.replaceAll('"', '""')}"`
}

/** Quotes a text, so that it has the same meaning with and without `standard_conforming_strings`. */
export function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
