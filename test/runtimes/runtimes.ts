import { join } from 'node:path'
import { installedPackage } from '../support/installed.js'

/** A runtime other than the one of the tests, from an npm package that holds nothing but its binary. */
export interface Runtime {
  name: string
  /** Installs it, and answers where its binary is. */
  install(): string
  /** How it runs tests written for node:test. */
  test: readonly string[]
  /** How it runs a script. */
  script: readonly string[]
}

/** Node in a version that npm knows. */
export const node = (major: string): Runtime => ({
  name: `Node ${major}`,
  install: () => join(installedPackage(`node-${process.platform}-${process.arch}`, major), 'bin/node'),
  test: ['--test'],
  script: [],
})

const bun: Runtime = {
  name: 'Bun',
  install: () => join(installedPackage('@oven/bun-linux-x64-baseline', '1'), 'bin/bun'),
  test: ['test'],
  script: ['run'],
}

const deno: Runtime = {
  name: 'Deno',
  install: () => join(installedPackage('@deno/linux-x64-glibc', '2'), 'deno'),
  // Types are what the compilers are for.
  test: ['test', '--allow-all', '--no-check'],
  // As docs/versions.md says what the SDK needs.
  script: ['run', '--no-prompt', '--allow-net', '--allow-env', '--allow-sys'],
}

/** Every runtime that the documentation names, but the oldest Node, on which all other tests run. */
export const runtimes: readonly Runtime[] = [node('22'), node('24'), node('26'), bun, deno]
