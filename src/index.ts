export type { Backoff } from './core/backoff.js'
export type { RefreshOptions, WithSecretOptions } from './core/cache.js'
export type { Clock, CompleteClock } from './core/clock.js'
export { DatabaseSecret } from './core/database-secret.js'
export { isSecretCacheError, SecretCacheError, type SecretCacheErrorCode, type SecretCacheErrorDetails } from './core/errors.js'
export type {
  ErrorEvent,
  EventOf,
  EvictedEvent,
  LoadedEvent,
  RotatedEvent,
  SecretCacheEvent,
  StaleEvent,
} from './core/events.js'
export type { DeepReadonly } from './core/json.js'
export type { SecretCacheOptions, SecretsManagerClientLike } from './core/options.js'
export type { ReadOptions } from './core/read-options.js'
export {
  type NameMatcher,
  type RotationEventPattern,
  type RotationEventPatternOptions,
  rotationEventPattern,
} from './core/rotation-events/rotation-event-pattern.js'
export type { RotationResult } from './core/rotation-listener.js'
export type { Secret } from './core/secret.js'
export { SecretCache } from './core/secret-cache.js'
export type { SecretHandle } from './core/secret-handle.js'
export type { PerSecretSettings, SecretSettings } from './core/settings.js'
export type { SecretRequest, SecretSource, SecretValue, SecretValues } from './core/source.js'
export type { OutputOf, SchemaIssue, SchemaResult, StandardSchema } from './core/standard-schema.js'
export type { SecretCacheStats } from './core/stats.js'
export type { WarmupResult } from './core/warmup.js'
