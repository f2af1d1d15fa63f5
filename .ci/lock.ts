import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

// Completes package-lock.json. A registry mirror that serves one platform makes npm leave out the optional packages of the others,
// and `npm ci` refuses a lock file that lacks them. Native packages name their platform: `@scope/name-linux-x64-gnu`.
// What npm has not downloaded it writes down without a checksum, which is asked of the registry.

interface LockedPackage {
  /** Where it is not that of its folder. */
  name?: string
  version?: string
  integrity?: string
  cpu?: string[]
  dev?: boolean
  optional?: boolean
  os?: string[]
  optionalDependencies?: Record<string, string>
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockedPackage> }
const { packages } = lock

/** Whether a package installed at `from` finds the package `name`, by Node's way of looking from folder to folder upwards. */
function isLocked(from: string, name: string): boolean {
  if (packages[`${from === '' ? '' : `${from}/`}node_modules/${name}`]) return true
  if (from === '') return false
  return isLocked(from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name)
}

for (const [from, { dev = false, optionalDependencies = {} }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(from, name)) continue
    const [, os, cpu] = name.match(/(android|darwin|freebsd|linux|openbsd|openharmony|win32)-([a-z0-9]+)/) ?? []
    if (os === undefined || cpu === undefined) throw new Error(`The name of ${name} does not tell its platform.`)
    packages[`node_modules/${name}`] = { version, cpu: [cpu], ...(dev ? { dev } : {}), optional: true, os: [os] }
  }
}

const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim().replace(/\/?$/, '/')

async function checksumOf(name: string, version: string): Promise<string> {
  const answer = await fetch(`${registry}${name.replace('/', '%2f')}/${version}`)
  const { dist } = (await answer.json()) as { dist?: { integrity?: string } }
  if (dist?.integrity?.startsWith('sha512-')) return dist.integrity
  throw new Error(`The registry tells no checksum of ${name}@${version}.`)
}

for (const [place, locked] of Object.entries(packages)) {
  if (place === '' || locked.integrity !== undefined) continue
  const { version = '', ...others } = locked
  const name = locked.name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
  // In npm's order of keys.
  packages[place] = { version, integrity: await checksumOf(name, version), ...others }
}

lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
