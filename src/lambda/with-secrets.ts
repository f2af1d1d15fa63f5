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
    // To a promise Lambda would answer at once, and freeze what the handler has left to go on after its callback.
    const end = ({ value, isByCallback }: Answer): void => {
      if (!isByCallback) context.callbackWaitsForEmptyEventLoop = false
      callback(null, value)
    }
    void answer.then(end, callback)
    return undefined
  }
  // By properties of the function the runtime knows a handler that streams.
  return Object.assign(wrapped as unknown as Handler, handler)
}

type Callback = (error: unknown, value?: unknown) => void

/** The part of Lambda's context that says whether the answer of a callback waits until the event loop is empty. */
interface CallbackContext {
  callbackWaitsForEmptyEventLoop?: boolean
}

interface Answer {
  readonly value: unknown
  readonly isByCallback: boolean
}

/** What a handler answers, by its promise or its callback, whichever comes first. */
async function answerOf(
  handler: (...args: unknown[]) => unknown,
  args: readonly unknown[],
  hasThirdParameter: boolean,
): Promise<Answer> {
  const [event, context, third] = args
  const isGivenCallback = typeof third === 'function'
  // The third thing that a handler that streams is given is the context.
  const declaresCallback = hasThirdParameter && (third === undefined || isGivenCallback)
  if (!declaresCallback && !isGivenCallback) return { value: await handler(...args), isByCallback: false }
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, value) => {
      if (error === undefined || error === null) resolve({ value, isByCallback: true })
      else reject(error)
    }
    const answer = handler(event, context, callback)
    // Parameters need not show that it takes the callback: one that returns nothing is waited for, as by Lambda itself.
    const isAnswer = answer !== undefined && !declaresCallback
    if (!isAnswer && typeof (answer as PromiseLike<unknown> | undefined)?.then !== 'function') return
    Promise.resolve(answer).then(value => resolve({ value, isByCallback: false }), reject)
  })
}
