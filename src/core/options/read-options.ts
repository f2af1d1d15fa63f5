import { aSignal, aText, checkOptions } from './check-options.js'

/** What every get takes. */
export interface ReadOptions {
  /** A staging label. @default the cache's own, AWSCURRENT */
  versionStage?: string | undefined
  /** One exact version. */
  versionId?: string | undefined
  /** Ends this read's waiting. A load that others wait for goes on. */
  signal?: AbortSignal | undefined
}

/** What `peek` takes. */
export type PeekOptions = Pick<ReadOptions, 'versionStage' | 'versionId'>

/** What `refreshNow` takes. */
export interface RefreshOptions {
  /** The version that did not work. If the cache has moved on from it, no call is made. */
  ifVersion?: string | undefined
  /** A staging label. @default the cache's own, AWSCURRENT */
  versionStage?: string | undefined
  /** Ends this caller's waiting; the load goes on. */
  signal?: AbortSignal | undefined
}

const freshness = 'How long a value is fresh is ttlMs of the cache, or of one secret in perSecret.'
const forced = 'To load whatever the TTL says, call refreshNow.'
const parsed = 'To read JSON, call getSecretJson; to read bytes, getSecretBinary.'

/** Options of other caches and clients of Secrets Manager. */
const instead = {
  maxAge: freshness,
  ttl: freshness,
  ttlMs: freshness,
  forceFetch: forced,
  forceRefresh: forced,
  transform: parsed,
  schema: 'A schema is the second argument of getSecretJson.',
}

const read = { name: 'a read', instead }
const peek = { name: 'peek', instead }
const refresh = { name: 'refreshNow', instead }

const readRules = { versionStage: aText, versionId: aText, signal: aSignal }
const peekRules = { versionStage: aText, versionId: aText }
const refreshRules = { ifVersion: aText, versionStage: aText, signal: aSignal }

/** Throws a TypeError for what is not a read's options: a label in the wrong place would read another version than was meant. */
export function checkReadOptions(options: unknown): void {
  checkOptions(read, options, readRules)
}

/** Checks the options of `peek`, which waits for nothing. */
export function checkPeekOptions(options: unknown): void {
  checkOptions(peek, options, peekRules)
}

/** Checks the options of `refreshNow`. */
export function checkRefreshOptions(options: unknown): void {
  checkOptions(refresh, options, refreshRules)
}
