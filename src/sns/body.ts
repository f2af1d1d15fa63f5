import type { CompleteClock } from '../core/time/clock.js'
import { within } from '../signals/within.js'

/** A notification of a rotation has 2,000; SNS publishes at most 256 KiB. */
const longestBody = 320 * 1024
const bodyTimeoutMs = 5_000

/** A body that was not read to its end. */
export class BodyError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Reads a body of bounded length within a bounded time. */
export async function readBody(chunks: AsyncIterator<Uint8Array>, clock: CompleteClock): Promise<Uint8Array> {
  try {
    return await within(clock, bodyTimeoutMs, signal => collect(chunks, signal))
  } catch (error) {
    if (error instanceof BodyError) throw error
    throw isTimeout(error) ? new BodyError(408, 'The body took too long.') : new BodyError(400, 'The body broke off.')
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
