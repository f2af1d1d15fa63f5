import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import ts from 'typescript'

/** One import of a source file. */
export interface Import {
  /** The importing file, such as `src/core/source-cache.ts`. */
  from: string
  /** The imported file, such as `src/core/entries/entry.ts`, or the imported package, such as `lru-cache`. */
  to: string
  kind: 'file' | 'package'
}

/** What a source file imports, statically or dynamically, types included; not Node's own modules. */
export function importsOf(file: string, text: string = readFileSync(file, 'utf8')): Import[] {
  const specifiers = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
  return specifiers
    .filter(specifier => !specifier.startsWith('node:'))
    .map(specifier =>
      specifier.startsWith('.')
        ? { from: file, to: join(dirname(file), specifier).replace(/\.js$/, '.ts'), kind: 'file' }
        : { from: file, to: packageName(specifier), kind: 'package' },
    )
}

/** The part of the source that a file belongs to: an entry's name, or the name of an internal folder. */
export function partOf(file: string): string {
  const [, part = ''] = file.split('/')
  return part.replace(/\.ts$/, '')
}

/** Whether the direction entries → pools, signals → core allows an import of a file. */
export function isAllowed({ from, to }: Import): boolean {
  const [importer, imported] = [partOf(from), partOf(to)]
  return importer === imported || level(importer) > level(imported)
}

function level(part: string): number {
  if (part === 'core') return 0
  return part === 'pools' || part === 'signals' ? 1 : 2
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
