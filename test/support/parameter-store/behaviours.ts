import { describeParameterReads } from './reads.js'
import { describeParameterReferences } from './references.js'
import type { ParameterServiceUnderTest } from './scene.js'
import { describeParameterWrites } from './writes.js'

/** What a Parameter Store does: the same suites hold the fake to a service that nobody here wrote. */
export function describeParameterStore(title: string, under: ParameterServiceUnderTest): void {
  describeParameterReads(title, under)
  describeParameterWrites(title, under)
  describeParameterReferences(title, under)
}
