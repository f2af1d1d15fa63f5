import type { SecretCache } from '../core/secret-cache.js'

/** An async handler of a Lambda function, also one that streams. Lambda gave up handlers with a callback with Node.js 24. */
// biome-ignore lint/suspicious/noConfusingVoidType: what the handlers of @types/aws-lambda return
export type LambdaHandler = (...args: never[]) => void | Promise<unknown>

/**
 * Wraps the handler of a Lambda function so that no load runs while the process is frozen.
 *
 * Before the handler it waits for the warm-up, after it, also when it fails, for every load that is still under way: at most
 * `loadTimeoutMs`. The handler keeps its type, and a mark by `awslambda.streamifyResponse` that it bears. `cache` is one of
 * `createLambdaCache`, or any other.
 *
 * @example
 * export const handler = withSecrets(secrets, async event => callApi(await secrets.getSecretString('prod/api-key')))
 */
export function withSecrets<Handler extends LambdaHandler>(cache: Pick<SecretCache, 'idle'>, handler: Handler): Handler {
  checkCache(cache)
  if (typeof handler !== 'function') throw new TypeError('handler must be a function.')
  const wrapped = async (...args: never[]): Promise<unknown> => {
    await cache.idle()
    try {
      return await handler(...args)
    } finally {
      await cache.idle()
    }
  }
  // By properties of the function the runtime knows a handler that streams.
  return Object.assign(wrapped, handler)
}

/** Whether there is a cache to wait for is noticed in the init phase, not in each invocation. */
export function checkCache(cache: Pick<SecretCache, 'idle'>): void {
  if (typeof cache?.idle !== 'function') throw new TypeError('cache must be a SecretCache.')
}
