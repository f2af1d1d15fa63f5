import type { SecretCache } from '../core/secret-cache.js'
import { loadsLeftOf } from './loads-left.js'

/** The part of middy's request that the middleware uses. */
export interface MiddlewareRequest {
  /** The Lambda context of the invocation. */
  context?: unknown
}

/** The middleware that `secretsMiddleware` returns, for `use` of middy. */
export interface SecretsMiddleware {
  /** Resolves once the warm-up is over. */
  before(request?: MiddlewareRequest): Promise<void>
  /** Resolves once no load is under way that the next freeze would interrupt. */
  after(request?: MiddlewareRequest): Promise<void>
  /** Does the same as `after` if the handler has failed. */
  onError(request?: MiddlewareRequest): Promise<void>
}

/**
 * Creates a middleware for middy 6 and 7 that does what `withSecrets` does.
 *
 * Use it first: then the warm-up is over when the other middlewares begin, and their loads are waited for too. If another middleware
 * returns early, middy does not call this one at the end: in that case, wrap the handler that middy creates with `withSecrets` instead.
 * Throws a TypeError if `cache` is not a `SecretCache`.
 *
 * @example
 * import middy from '@middy/core'
 * export const handler = middy()
 *   .use(secretsMiddleware(secrets))
 *   .handler(async () => callApi(await secrets.getSecretString('prod/api-key')))
 */
export function secretsMiddleware(cache: Pick<SecretCache, 'idle'>): SecretsMiddleware {
  const { before, after } = loadsLeftOf(cache)
  const end = (request?: MiddlewareRequest): Promise<void> => after([request?.context])
  return { before: request => before([request?.context]), after: end, onError: end }
}
