import { CliError } from '../cli-error.js'
import type { Voice } from '../say.js'

const timeoutMs = 5_000

/** Reads the URL of `--events`. Only this machine is told: the names of secrets are nobody else's business. */
export function parseEventsUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isLocal = url !== undefined && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (!isLocal || !/^https?:$/.test(url.protocol))
    throw new CliError('--events takes a URL of this machine, such as http://127.0.0.1:3000/rotations.')
  return url
}

/** Posts events to a URL, one after the other. */
export class EventSender {
  readonly #url: URL
  readonly #voice: Voice
  readonly #stopping = new AbortController()
  #last: Promise<void> = Promise.resolve()

  constructor(url: URL, voice: Voice) {
    this.#url = url
    this.#voice = voice
  }

  send(event: object): void {
    this.#last = this.#last.then(() => this.#post(event))
  }

  /** Sends nothing more. */
  stop(): void {
    this.#stopping.abort()
  }

  async #post(event: object): Promise<void> {
    const { signal } = this.#stopping
    if (signal.aborted) return
    try {
      const answer = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event),
        // It must not lead away from this machine.
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      await answer.body?.cancel()
      if (!answer.ok) this.#fail(`answered ${answer.status}`)
    } catch (error) {
      if (signal.aborted) return
      const { cause, message } = error as Error & { cause?: { code?: string } }
      this.#fail(`cannot be told: ${cause?.code ?? message}`)
    }
  }

  #fail(reason: string): void {
    this.#voice.say('eventFailed', `${this.#url.href} ${reason}. The event is not sent again.`)
  }
}
