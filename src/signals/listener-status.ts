/** The state of a queue listener or an SNS handler. It contains nothing secret. */
export interface ListenerStatus {
  /** What it is the status of. */
  readonly kind: 'listener'
  /** `failing` from a failure until the next success. */
  readonly state: 'listening' | 'failing' | 'closed'
  /** Since when, in milliseconds since the epoch. */
  readonly since: number
  /** How many messages have arrived. A handler counts those that it has verified. */
  readonly messages: number
  /** How many calls or messages have failed. */
  readonly failures: number
  /** When the last message arrived, in milliseconds since the epoch. */
  readonly lastMessageAt: number | undefined
  /** The last failure, if there was one. */
  readonly lastFailure: { readonly code: string; readonly at: number } | undefined
  /** How often messages may have been missed, so that all secrets were read again. */
  readonly gaps: number
  /** When that was the case for the last time. */
  readonly lastGapAt: number | undefined
}

/** Records what a listener has received. */
export class ListenerRecord {
  readonly #now: () => number
  #status: ListenerStatus

  constructor(now: () => number) {
    this.#now = now
    this.#status = {
      kind: 'listener',
      state: 'listening',
      since: now(),
      messages: 0,
      failures: 0,
      lastMessageAt: undefined,
      lastFailure: undefined,
      gaps: 0,
      lastGapAt: undefined,
    }
  }

  get status(): ListenerStatus {
    return this.#status
  }

  /** A call has succeeded and returned so many messages. */
  received(messages: number): void {
    this.#become('listening')
    if (messages === 0) return
    this.#status = { ...this.#status, messages: this.#status.messages + messages, lastMessageAt: this.#now() }
  }

  failed({ code }: { readonly code: string }): void {
    this.#become('failing')
    this.#status = { ...this.#status, failures: this.#status.failures + 1, lastFailure: { code, at: this.#now() } }
  }

  /** Messages may have been missed. */
  gap(): void {
    this.#status = { ...this.#status, gaps: this.#status.gaps + 1, lastGapAt: this.#now() }
  }

  closed(): void {
    this.#become('closed')
  }

  #become(state: ListenerStatus['state']): void {
    if (this.#status.state === state || this.#status.state === 'closed') return
    this.#status = { ...this.#status, state, since: this.#now() }
  }
}
