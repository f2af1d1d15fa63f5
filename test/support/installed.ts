import { resolve } from 'node:path'
import { run } from './run.js'

/**
 * The folder of a package that is no dependency of the project, because it is large and seldom needed: a runtime's binary, another
 * compiler. Installs the newest release of the version, without running its scripts, beside what other runs have installed.
 */
export function installedPackage(name: string, version: string): string {
  const prefix = resolve('node_modules/.cache/awscurrent', `${name.replace('/', '-')}-${version}`)
  const options = ['--no-package-lock', '--ignore-scripts', '--loglevel', 'error']
  run('npm', ['install', '--prefix', prefix, ...options, `${name}@${version}`])
  return resolve(prefix, 'node_modules', name)
}
