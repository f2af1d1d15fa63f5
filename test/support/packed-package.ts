import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { run } from './run.js'
import { certificate, notification, publishedAt, signed } from './signed-messages.js'

/** The package as users get it, installed in two applications outside the repository. */
export interface PackedPackage {
  /** The folder of an application that has the package, its dependencies and nothing else. */
  bareApp: string
  /** The folder of an application that also finds the repository's dev dependencies: the SDK, drivers, validators. */
  fullApp: string
  /** Deletes both. */
  remove(): void
}

/** The tarball: the one that TARBALL names, if there is one, so that what is published is what was tested. Else builds and packs it. */
export function tarballIn(folder: string): string {
  const { TARBALL } = process.env
  if (TARBALL) return resolve(TARBALL)
  run('npm', ['run', 'build'])
  run('npx', ['tsx', '.ci/pack.ts', folder])
  const name = readdirSync(folder).find(file => file.endsWith('.tgz'))
  if (name === undefined) throw new Error('npm pack made no tarball.')
  return join(folder, name)
}

/** Installs the packed package. */
export function installPackedPackage(): PackedPackage {
  const folder = mkdtempSync(join(tmpdir(), 'awscurrent-package-'))
  const bareApp = join(folder, 'bare', 'app')
  const fullApp = join(folder, 'full', 'app')
  try {
    const tarball = tarballIn(folder)

    mkdirSync(bareApp, { recursive: true })
    writeFileSync(join(bareApp, 'package.json'), '{ "private": true }\n')
    run('npm', ['install', '--omit=peer', '--prefer-offline', '--no-package-lock', tarball], { cwd: bareApp })
    cpSync('test/package/consumer', bareApp, { recursive: true })
    const message = signed(notification('rotated'))
    writeFileSync(join(bareApp, 'sns-message.json'), JSON.stringify({ message, certificate, publishedAt }))

    cpSync(bareApp, fullApp, { recursive: true })
    symlinkSync(resolve('node_modules'), join(folder, 'full', 'node_modules'), 'dir')
  } catch (error) {
    rmSync(folder, { recursive: true })
    throw error
  }
  return { bareApp, fullApp, remove: () => rmSync(folder, { recursive: true }) }
}
