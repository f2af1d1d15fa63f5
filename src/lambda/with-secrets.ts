import type { SecretCache } from '../core/secret-cache.js'
import { loadsLeftOf } from './loads-left.js'

/** A handler of a Lambda function: async, one that streams, or one with a callback, which Lambda itself gave up with Node.js 24. */
// biome-ignore lint/suspicious/noConfusingVoidType: what the handlers of @types/aws-lambda return
export type LambdaHandler = (...args: never[]) => void | Promise<unknown>

/**
 * Wraps the handler of a Lambda function so that no load is cut by the freeze between two invocations.
 *
 * Before the first invocation it waits for the warm-up. After each, also if the handler fails, it waits for the loads that nobody else waits
 * for, for a second at most, and then gives them up: a read that still waits for one is given the last known good, or rejects with
 * ERR_SECRET_TIMEOUT. The last half second that the context says to be left is never waited away. On Lambda Managed Instances, which are
 * not frozen, nothing is waited for after the handler.
 *
 * The handler keeps its type, and a mark by `awslambda.streamifyResponse` that it bears. One that declares a callback, or is given one and
 * returns nothing, has answered when it calls that. `cache` is one of `createLambdaCache`, or any other.
 *
 * @example
 * export const handler = withSecrets(secrets, async event => callApi(await secrets.getSecretString('prod/api-key')))
 */
export function withSecrets<Handler extends LambdaHandler>(cache: Pick<SecretCache, 'idle'>, handler: Handler): Handler {
  const loadsLeft = loadsLeftOf(cache)
  if (typeof handler !== 'function') throw new TypeError('handler must be a function.')
  async function wrapped(this: unknown, ...args: never[]): Promise<unknown> {
    await loadsLeft.before(args)
    try {
      return await answerOf((...given) => handler.apply(this as never, given as never[]), args, handler.length > 2)
    } finally {
      await loadsLeft.after(args)
    }
  }
  // By properties of the function the runtime knows a handler that streams.
  return Object.assign(wrapped, handler)
}

/** What a handler answers, by its promise or its callback, whichever comes first. */
function answerOf(handler: (...args: unknown[]) => unknown, args: readonly unknown[], hasThirdParameter: boolean): unknown {
  const [event, context, third] = args
  const isGivenCallback = typeof third === 'function'
  // The third thing that a handler that streams is given is the context.
  const declaresCallback = hasThirdParameter && (third === undefined || isGivenCallback)
  if (!declaresCallback && !isGivenCallback) return handler(...args)
  return new Promise((resolve, reject) => {
    const callback = (error: unknown, answer: unknown): void => {
      if (error === undefined || error === null) resolve(answer)
      else reject(error)
    }
    const answer = handler(event, context, callback)
    // Parameters need not show that it takes the callback: one that returns nothing is waited for, as by Lambda itself.
    const isAnswer = answer !== undefined && !declaresCallback
    if (isAnswer || typeof (answer as PromiseLike<unknown> | undefined)?.then === 'function') resolve(answer)
  })
}
