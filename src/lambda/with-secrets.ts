import type { SecretCache } from '../core/secret-cache.js'
import { loadsLeftOf } from './loads-left.js'

/** A handler of a Lambda function: async, streaming, or with a callback, which Lambda itself no longer supports as of Node.js 24. */
// biome-ignore lint/suspicious/noConfusingVoidType: what the handlers of @types/aws-lambda return
export type LambdaHandler = (...args: never[]) => void | Promise<unknown>

/**
 * Wraps the handler of a Lambda function so that the freeze between two invocations interrupts no load.
 *
 * Before the first invocation, it waits for the warm-up. After each invocation, also if the handler fails, it waits at most a second for
 * loads that nobody else waits for, and then gives them up: a read that still waits for one gets the last known good value, or rejects with
 * ERR_SECRET_TIMEOUT. It never uses the last half second of the time that the context reports.
 *
 * On Lambda Managed Instances, which are not frozen, it only waits for the warm-up before the first invocation, and for no other load.
 * After a restore from a snapshot (SnapStart), the first invocation also revalidates what the snapshot holds, unless `afterRestore` has.
 *
 * The handler keeps its type, and the mark of `awslambda.streamifyResponse` if it has one. A handler that declares a callback, or that gets
 * one and returns nothing, is done when it calls the callback. `cache` comes from `createLambdaCache`, or is any other `SecretCache`.
 *
 * @example
 * export const handler = withSecrets(secrets, async event => callApi(await secrets.getSecretString('prod/api-key')))
 */
export function withSecrets<Handler extends LambdaHandler>(cache: Pick<SecretCache, 'idle'>, handler: Handler): Handler {
  const loadsLeft = loadsLeftOf(cache)
  if (typeof handler !== 'function') throw new TypeError('handler must be a function.')
  async function answered(self: unknown, args: readonly unknown[]): Promise<Answer> {
    await loadsLeft.before(args)
    try {
      return await answerOf((...given) => handler.apply(self as never, given as never[]), args, handler.length > 2)
    } finally {
      await loadsLeft.after(args)
    }
  }
  function wrapped(this: unknown, ...args: unknown[]): Promise<unknown> | undefined {
    const answer = answered(this, args)
    const [, context, callback] = args as [unknown, CallbackContext | undefined, Callback | undefined]
    if (handler.length < 3 || !context?.callbackWaitsForEmptyEventLoop || typeof callback !== 'function') {
      return answer.then(({ value }) => value)
    }
    // If a promise were returned, Lambda would respond at once and freeze work that the handler leaves running after its callback.
    const end = ({ value, isByCallback }: Answer): void => {
      if (!isByCallback) context.callbackWaitsForEmptyEventLoop = false
      callback(null, value)
    }
    void answer.then(end, callback)
    return undefined
  }
  // The runtime recognises a streaming handler by properties of the function, so they are copied.
  return Object.assign(wrapped as unknown as Handler, handler)
}

type Callback = (error: unknown, value?: unknown) => void

/** The part of Lambda's context that says whether the response of a callback waits until the event loop is empty. */
interface CallbackContext {
  callbackWaitsForEmptyEventLoop?: boolean
}

interface Answer {
  readonly value: unknown
  readonly isByCallback: boolean
}

/** The result of a handler, from its promise or its callback, whichever comes first. */
async function answerOf(
  handler: (...args: unknown[]) => unknown,
  args: readonly unknown[],
  hasThirdParameter: boolean,
): Promise<Answer> {
  const [event, context, third] = args
  const isGivenCallback = typeof third === 'function'
  // The third argument of a streaming handler is the context.
  const declaresCallback = hasThirdParameter && (third === undefined || isGivenCallback)
  if (!declaresCallback && !isGivenCallback) return { value: await handler(...args), isByCallback: false }
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, value) => {
      if (error === undefined || error === null) resolve({ value, isByCallback: true })
      else reject(error)
    }
    const answer = handler(event, context, callback)
    // A handler may use the callback without declaring it: if it returns nothing, wait for the callback, as Lambda itself does.
    const isAnswer = answer !== undefined && !declaresCallback
    if (!isAnswer && typeof (answer as PromiseLike<unknown> | undefined)?.then !== 'function') return
    Promise.resolve(answer).then(value => resolve({ value, isByCallback: false }), reject)
  })
}
