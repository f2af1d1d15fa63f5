export type {
  ErrorEvent,
  EventOf,
  EvictedEvent,
  LoadedEvent,
  RecoveredEvent,
  RotatedEvent,
  SecretCacheEvent,
  StaleEvent,
} from './core/events/events.js'
export type { ListenerOptions, Listening } from './core/events/listening.js'
export type { SecretCacheStats } from './core/events/stats.js'
export {
  isSecretCacheError,
  SecretCacheError,
  type SecretCacheErrorCode,
  type SecretCacheErrorDetails,
} from './core/failures/errors.js'
export type { SecretCacheOptions, SecretsManagerClientLike } from './core/options/options.js'
export type { PeekOptions, ReadOptions, RefreshOptions } from './core/options/read-options.js'
export type { PerSecretSettings, SecretSettings } from './core/options/settings.js'
export type { ResolveOptions } from './core/reads/reference.js'
export type { HandleReadOptions, SecretHandle } from './core/reads/secret-handle.js'
export type { SecretReader } from './core/reads/secret-reader.js'
export type { WarmupOptions, WarmupResult } from './core/reads/warmup.js'
export type { WithSecretOptions } from './core/reads/with-secret.js'
export {
  type NameMatcher,
  type RotationEventPattern,
  type RotationEventPatternOptions,
  rotationEventPattern,
} from './core/rotations/rotation-event-pattern.js'
export type { RotationResult } from './core/rotations/rotation-result.js'
export { SecretCache } from './core/secret-cache.js'
export { DatabaseSecret } from './core/secrets/database-secret.js'
export type { DeepReadonly } from './core/secrets/deep-readonly.js'
export type { Secret } from './core/secrets/secret.js'
export type { SecretRequest, SecretSource, SecretValue, SecretValues, SourceOptions } from './core/secrets/source.js'
export type { OutputOf, SchemaIssue, SchemaResult, StandardSchema } from './core/secrets/standard-schema.js'
export type { Backoff } from './core/time/backoff.js'
export type { Clock, CompleteClock } from './core/time/clock.js'
