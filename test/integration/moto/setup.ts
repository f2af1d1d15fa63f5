import type { TestProject } from 'vitest/node'
import { startMoto } from '../../support/moto-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the AWS clients find moto. */
    motoEndpoint: string
  }
}

/** Runs one moto for the whole suite; returns what stops it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { endpoint, stop } = await startMoto()
  project.provide('motoEndpoint', endpoint)
  return stop
}
