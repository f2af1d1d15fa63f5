import { aSignal, aText, checkOptions } from './check-options.js'

/** Options of every read: `getSecretString`, `getSecretBinary`, `getSecretJson` and `getSecret`. */
export interface ReadOptions {
  /** The staging label to read, such as AWSPREVIOUS. @default the `versionStage` of the cache, which is AWSCURRENT unless you set it */
  versionStage?: string | undefined
  /** The id of the version to read. */
  versionId?: string | undefined
  /** Ends the wait of this read, which rejects with the reason of the signal. A load that others wait for goes on. */
  signal?: AbortSignal | undefined
}

/** Options of `peek`: which version to look for. */
export type PeekOptions = Pick<ReadOptions, 'versionStage' | 'versionId'>

/** Options of `refreshNow`. */
export interface RefreshOptions {
  /** The id of the version that did not work. If the cache already has another one, that is returned without a call. */
  ifVersion?: string | undefined
  /** The staging label to load. @default the `versionStage` of the cache, which is AWSCURRENT unless you set it */
  versionStage?: string | undefined
  /** Ends the wait of this caller, whose promise rejects with the reason of the signal. The load goes on. */
  signal?: AbortSignal | undefined
}

const freshness = 'How long a value is fresh is ttlMs of the cache, or of one secret in perSecret.'
const forced = 'To load whatever the TTL says, call refreshNow.'
const schema = 'A schema is the second argument of getSecretJson.'
const parsed = 'To read JSON, call getSecretJson; to read bytes, getSecretBinary.'

/** Hints for options that other caches and clients of Secrets Manager have. */
const instead = {
  maxAge: freshness,
  ttl: freshness,
  ttlMs: freshness,
  forceFetch: forced,
  forceRefresh: forced,
  transform: parsed,
  schema,
  // Of a schema that was passed as options.
  '~standard': schema,
  parse: schema,
}

const read = { name: 'a read', instead }
const peek = { name: 'peek', instead }
const refresh = { name: 'refreshNow', instead }

const readRules = { versionStage: aText, versionId: aText, signal: aSignal }
const peekRules = { versionStage: aText, versionId: aText }
const refreshRules = { ifVersion: aText, versionStage: aText, signal: aSignal }

/** Throws a TypeError unless `options` are those of a read: a label in the wrong place would read a version that was not meant. */
export function checkReadOptions(options: unknown): void {
  checkOptions(read, options, readRules)
}

/** Checks the options of `peek`. It never waits, so it has no signal. */
export function checkPeekOptions(options: unknown): void {
  checkOptions(peek, options, peekRules)
}

/** Checks the options of `refreshNow`. */
export function checkRefreshOptions(options: unknown): void {
  checkOptions(refresh, options, refreshRules)
}
