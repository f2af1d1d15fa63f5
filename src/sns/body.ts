import type { CompleteClock } from '../core/time/clock.js'
import { within } from '../core/time/within.js'

/** A rotation event has 2,000 bytes; SNS publishes at most 256 KiB. */
const longestBody = 320 * 1024
const bodyTimeoutMs = 5_000
/** At most 32 MB, if each body is as long as allowed. */
const mostOpen = 100

/** The error of a body that was not read to its end. */
export class BodyError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Reads bodies of limited length, each within a limited time, and a limited number at once. */
export class BodyReader {
  readonly #clock: CompleteClock
  /** In the order in which they were started. */
  readonly #open = new Set<AbortController>()

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  async read(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
    const mine = this.#begin()
    try {
      return await within(this.#clock, bodyTimeoutMs, signal => collect(chunks, signal), mine.signal)
    } catch (error) {
      if (error instanceof BodyError) throw error
      // SNS only retries after 5xx and 429: after 400 or 408, a message that might arrive complete next time would be lost.
      throw new BodyError(503, isTimeout(error) ? 'The body took too long.' : 'The connection ended before the body did.')
    } finally {
      this.#open.delete(mine)
    }
  }

  /** An SNS message arrives in one piece: the body that has been open for longest is the least likely to be one. */
  #begin(): AbortController {
    const [oldest] = this.#open
    if (oldest !== undefined && this.#open.size >= mostOpen) {
      this.#open.delete(oldest)
      oldest.abort(new BodyError(503, 'Too many requests are open.'))
    }
    const mine = new AbortController()
    this.#open.add(mine)
    return mine
  }
}

/** Rejects a body by the length in its header. */
export function checkLength(contentLength: string | null | undefined): void {
  if (Number(contentLength ?? 0) > longestBody) throw tooLong()
}

async function collect(chunks: AsyncIterator<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
  const collected: Uint8Array[] = []
  let length = 0
  for (let next = await chunks.next(); !next.done && !signal.aborted; next = await chunks.next()) {
    length += next.value.length
    if (length > longestBody) throw tooLong()
    collected.push(next.value)
  }
  return Buffer.concat(collected)
}

function tooLong(): BodyError {
  return new BodyError(413, 'The body is too long for a rotation event.')
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError'
}
