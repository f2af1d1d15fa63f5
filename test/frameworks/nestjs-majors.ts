import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Makes an ESM project with NestJS 12 of the example, which is CommonJS with NestJS 11. */
export function toNest12(folder: string): void {
  const file = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  manifest.type = 'module'
  for (const kind of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(manifest[kind])) if (name.startsWith('@nestjs/')) manifest[kind][name] = '^12.0.0'
  }
  writeFileSync(file, JSON.stringify(manifest))
  for (const name of readdirSync(join(folder, 'src'))) {
    const source = join(folder, 'src', name)
    writeFileSync(source, readFileSync(source, 'utf8').replace(/ from '(\.\/[^']+)'/g, " from '$1.js'"))
  }
}
