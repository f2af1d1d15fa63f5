import type { Failure } from '../core/failures/failure.js'
import { isNeverSent } from './never-sent.js'

/** Whether a failed call may have changed the secret. */
export type Fate = 'never sent' | 'refused' | 'may be done'

/** The next step of the SDK's middleware stack. */
type Next = (args: unknown) => Promise<{ response?: { statusCode?: unknown } } | undefined>

interface Command {
  readonly middlewareStack?: { add?(middleware: (next: Next) => Next, options: { step: string; priority: string }): void }
}

/**
 * The outcomes of all attempts of one call. The last one says nothing about those before: a client of the SDK makes three by itself, and a
 * first attempt whose response was lost may have been carried out although the second one was rejected. So each attempt is watched, as the
 * innermost middleware of the command. For a client that is not of the SDK, only the final outcome is known.
 */
export class Attempts {
  #isWatched = false
  #wasRefused = false
  /** How many attempts may have been carried out. */
  #carriedOut = 0
  #isUncertain = false

  /** Watches all attempts of a command, and returns the command. */
  watched(command: object): object {
    const { middlewareStack: stack } = command as Command
    if (typeof stack?.add !== 'function') return command
    const begin = (next: Next): Next => {
      return args => {
        this.#isWatched = true
        return next(args)
      }
    }
    stack.add(begin, { step: 'initialize', priority: 'high' })
    stack.add(next => args => this.#watch(next, args), { step: 'deserialize', priority: 'low' })
    return command
  }

  /** Records how the last attempt failed. `isAborted`: it was aborted before it ended. */
  fail(thrown: unknown, { code, waitingHelps }: Failure, isAborted: boolean): void {
    if (this.#isWatched) return
    // Errors of configuration and credentials occur before anything is sent.
    const isSent = !isNeverSent(thrown) && code !== 'ERR_SECRET_CONFIG' && code !== 'ERR_SECRET_CREDENTIALS'
    const isAnswered = code === 'ERR_SECRET_THROTTLED' || !waitingHelps
    this.#isUncertain ||= isAborted || attemptsOf(thrown) > 1 || (isSent && !isAnswered)
    this.#wasRefused ||= isSent
  }

  /** The fate of a failed call. */
  get fate(): Fate {
    if (this.#isUncertain || this.#carriedOut > 0) return 'may be done'
    return this.#wasRefused ? 'refused' : 'never sent'
  }

  /** Whether the response may be to a repetition: others may have changed the secret since the first attempt was carried out. */
  isRepetition(answer: unknown): boolean {
    return this.#isUncertain || this.#carriedOut > 1 || (!this.#isWatched && attemptsOf(answer) > 1)
  }

  async #watch(next: Next, args: unknown): ReturnType<Next> {
    // Assume that it is carried out until a response says otherwise: an attempt that is aborted gets none.
    this.#carriedOut += 1
    try {
      const output = await next(args)
      const status = Number(output?.response?.statusCode)
      if (status >= 400 && status < 500) {
        this.#carriedOut -= 1
        this.#wasRefused = true
      }
      return output
    } catch (thrown) {
      if (isNeverSent(thrown)) this.#carriedOut -= 1
      throw thrown
    }
  }
}

/** How many attempts the client reports; any number if that cannot be read. */
function attemptsOf(result: unknown): number {
  try {
    const { $metadata } = Object(result) as { $metadata?: { attempts?: unknown } }
    return Number($metadata?.attempts ?? 1)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
