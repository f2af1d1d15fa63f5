import type { TestProject } from 'vitest/node'
import { installPackedPackage } from '../support/packed-package.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** An application with the packed package alone. */
    bareApp: string
    /** An application with the packed package that also finds the optional peers. */
    fullApp: string
  }
}

/** Packs and installs the package once for all package tests; returns what removes it again. */
export function setup(project: TestProject): () => void {
  const { bareApp, fullApp, remove } = installPackedPackage()
  project.provide('bareApp', bareApp)
  project.provide('fullApp', fullApp)
  return remove
}
