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

/** The folders of the core, from the lowest to the highest. The files beside them are above them all. */
const floors = ['time', 'failures', 'events', 'secrets', 'options', 'entries', 'loads', 'rotations', 'reads']

/** Whether the direction cli → entries → pools, signals, parameters → core, and in the core from the upper folder to the lower, allows an import of a file. */
export function isAllowed({ from, to }: Import): boolean {
  const [importer, imported] = [partOf(from), partOf(to)]
  if (importer === 'core' && imported === 'core') return floorOf(from) >= floorOf(to)
  return importer === imported || level(importer) > level(imported)
}

function floorOf(file: string): number {
  const [, , folder = '', ...rest] = file.split('/')
  if (rest.length === 0) return floors.length
  const floor = floors.indexOf(folder)
  if (floor < 0) throw new Error(`${folder} has no place in the order of the folders of core.`)
  return floor
}

/** The files that an import leads round to from themselves. */
export function circlesIn(imports: readonly Import[]): string[] {
  const importedBy = new Map<string, Import[]>()
  for (const found of imports) importedBy.set(found.from, [...(importedBy.get(found.from) ?? []), found])
  const reaches = (start: string): boolean => {
    const seen = new Set<string>()
    const open = [start]
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      for (const { to } of importedBy.get(file) ?? []) {
        if (to === start) return true
        if (!seen.has(to)) open.push(to)
        seen.add(to)
      }
    }
    return false
  }
  return [...importedBy.keys()].filter(reaches)
}

function level(part: string): number {
  if (part === 'core') return 0
  if (part === 'cli') return 3
  return ['pools', 'signals', 'parameters'].includes(part) ? 1 : 2
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
