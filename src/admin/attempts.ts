import type { Failure } from '../core/failures/failure.js'
import { isNeverSent } from './never-sent.js'

/** What has become of a call that changes a secret and did not go well. */
export type Fate = 'never sent' | 'refused' | 'may be done'

/** The next step of the way that the SDK sends a command. */
type Next = (args: unknown) => Promise<{ response?: { statusCode?: unknown } } | undefined>

interface Command {
  readonly middlewareStack?: { add?(middleware: (next: Next) => Next, options: { step: string; priority: string }): void }
}

/**
 * What has become of the attempts of one call. The last of them says nothing of those before: a client of the SDK makes three by itself,
 * and a first one whose answer was lost may have been carried out though the second was refused. So each is watched, innermost in the
 * way of the command; of a client that is none of the SDK only the outcome is there to judge by.
 */
export class Attempts {
  #isWatched = false
  #wasRefused = false
  /** Those that may have been carried out. */
  #carriedOut = 0
  #isUncertain = false

  /** Watches what is sent of a command, which is returned. */
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

  /** Takes in how the last of them has failed. `isAborted`: nobody has waited for its end. */
  fail(thrown: unknown, { code, waitingHelps }: Failure, isAborted: boolean): void {
    if (this.#isWatched) return
    // Configuration and credentials are looked for first.
    const isSent = !isNeverSent(thrown) && code !== 'ERR_SECRET_CONFIG' && code !== 'ERR_SECRET_CREDENTIALS'
    const isAnswered = code === 'ERR_SECRET_THROTTLED' || !waitingHelps
    this.#isUncertain ||= isAborted || attemptsOf(thrown) > 1 || (isSent && !isAnswered)
    this.#wasRefused ||= isSent
  }

  /** Of a call that has failed. */
  get fate(): Fate {
    if (this.#isUncertain || this.#carriedOut > 0) return 'may be done'
    return this.#wasRefused ? 'refused' : 'never sent'
  }

  /** Whether the answer may be that to a repetition: others may have changed the secret since the first one was carried out. */
  isRepetition(answer: unknown): boolean {
    return this.#isUncertain || this.#carriedOut > 1 || (!this.#isWatched && attemptsOf(answer) > 1)
  }

  async #watch(next: Next, args: unknown): ReturnType<Next> {
    // Until it is known better: whoever is not patient enough for an answer knows no more.
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

/** How many attempts a client says that it has made. */
function attemptsOf(result: unknown): number {
  const { $metadata } = Object(result) as { $metadata?: { attempts?: unknown } }
  return Number($metadata?.attempts ?? 1)
}
