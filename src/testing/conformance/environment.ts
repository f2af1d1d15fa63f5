import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { SecretRequest, SecretSource, SecretValue } from '../../core/secrets/source.js'

/** The service behind a source, which `describeSource` fills with secrets: a fake, an emulator or the real one. */
export interface SourceEnvironment {
  /** The source to test. */
  readonly source: SecretSource
  /** Creates a secret. */
  create(name: string, value: string | Uint8Array): Promise<{ arn: string; versionId: string }>
  /** Adds a version and moves AWSCURRENT to it. */
  put(secretId: string, value: string): Promise<{ versionId: string }>
  /** Schedules the secret for deletion. */
  scheduleDeletion(secretId: string): Promise<void>
  /** Releases what `open` has allocated. Called after every test. */
  close?(): Promise<void>
}

/** One requirement of a source: a sentence, and a check that rejects with an AssertionError. */
export type SourceCase = readonly [title: string, check: (environment: SourceEnvironment) => Promise<void>]

/** A name that no other test has used, because tests may share a service. */
export function newName(): string {
  return `awscurrent-${randomUUID()}`
}

/** A full ARN without its suffix. */
export function partialArn(arn: string): string {
  return arn.slice(0, -7)
}

/** Options with a signal that never aborts. */
export function patient(): { signal: AbortSignal } {
  return { signal: new AbortController().signal }
}

/** Reads without a time limit. */
export function read({ source }: SourceEnvironment, request: SecretRequest): Promise<SecretValue> {
  return source.get(request, patient())
}

/** Creates a secret that has been rotated once. */
export async function rotated(environment: SourceEnvironment): Promise<{ name: string; first: string; second: string }> {
  const name = newName()
  const first = await environment.create(name, 'first value')
  const second = await environment.put(name, 'second value')
  return { name, first: first.versionId, second: second.versionId }
}

/** Asserts that a read rejects with this exception. */
export async function rejects(environment: SourceEnvironment, request: SecretRequest, exception: string): Promise<void> {
  const { name } = await errorOf(environment, request)
  assert.equal(name, exception)
}

/** Asserts that a read rejects, and returns its error. */
export async function errorOf(environment: SourceEnvironment, request: SecretRequest): Promise<Error> {
  const outcome = await read(environment, request).catch((error: unknown) => error)
  assert.ok(outcome instanceof Error, 'the read should reject with an Error')
  return outcome
}
