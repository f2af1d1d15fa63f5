import type { SecretCache } from '../core/secret-cache.js'
import { loadsLeftOf } from './loads-left.js'

/** What middy hands to a middleware, as far as it matters here. */
export interface MiddlewareRequest {
  /** What the handler is given as its context. */
  context?: unknown
}

/** A middleware as middy takes it. */
export interface SecretsMiddleware {
  /** Resolves once the warm-up is over. */
  before(request?: MiddlewareRequest): Promise<void>
  /** Resolves once no load is under way that the next freeze would cut. */
  after(request?: MiddlewareRequest): Promise<void>
  /** What `after` does, for a handler that has failed. */
  onError(request?: MiddlewareRequest): Promise<void>
}

/**
 * What `withSecrets` does, as a middleware for middy 6 and 7.
 *
 * Use it first: then the warm-up is over when the others begin, and it waits for the loads of those too. If one of the others answers
 * early, middy passes over it at the end: wrap what middy makes by `withSecrets` instead.
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
