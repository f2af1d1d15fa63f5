import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { tarballIn } from '../support/packed-package.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed package. */
    tarball: string
  }
}

/** Packs the package once for all tests of frameworks; returns what removes it again. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'awscurrent-tarball-'))
  project.provide('tarball', tarballIn(folder))
  return () => rmSync(folder, { recursive: true })
}
