import type { CompleteClock } from '../core/time/clock.js'
import { within } from '../signals/within.js'

/** A notification of a rotation has 2,000; SNS publishes at most 256 KiB. */
const longestBody = 320 * 1024
const bodyTimeoutMs = 5_000
/** 32 MB at most, if all of them are as long as they may be. */
const mostOpen = 100

/** A body that was not read to its end. */
export class BodyError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Reads bodies of bounded length, each within a bounded time, and a bounded number of them at once. */
export class BodyReader {
  readonly #clock: CompleteClock
  /** In the order in which they were begun. */
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
      // SNS sends a message again after 5xx and 429 alone: 400 or 408 would be the end of one that may arrive whole next time.
      throw new BodyError(503, isTimeout(error) ? 'The body took too long.' : 'The body broke off.')
    } finally {
      this.#open.delete(mine)
    }
  }

  /** A message of SNS comes in one go: what has been open for longest is least likely to be one. */
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

/** Refuses a body by the length that its header tells. */
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
  return new BodyError(413, 'The body is too long for a message of a rotation.')
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError'
}
