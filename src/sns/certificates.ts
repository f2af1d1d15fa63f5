import { causeFrom, readForeignError } from '../core/failures/foreign-error.js'
import type { CompleteClock } from '../core/time/clock.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import { within } from '../signals/within.js'
import { type Certificate, readCertificate } from './certificate.js'
import { SnsMessageError } from './sns-message-error.js'

/** Fetches the certificate at a URL of SNS, and resolves with its PEM text. It must not follow redirects. */
export type FetchCertificate = (url: string, options: { signal: AbortSignal }) => Promise<string>

/** A Region has one certificate at a time, and another once a year. */
const mostKept = 10
const mostDownloads = 10
const downloadsPerMs = 60_000
/** SNS waits 15 s for an answer. */
const downloadTimeoutMs = 5_000

/**
 * The signing certificates that have verified a message.
 *
 * Anybody can send a message that names a certificate. So one is kept only when a signature was found good by it; a failure is not
 * remembered; and what is not kept can be fetched ten times a minute, whoever asks.
 */
export class Certificates {
  readonly #fetch: FetchCertificate
  readonly #kept = new RecentlyUsed<string, Certificate>(mostKept)
  readonly #underWay = new Map<string, Promise<Certificate>>()
  #begunAt: number[] = []

  constructor(fetch: FetchCertificate) {
    this.#fetch = fetch
  }

  kept(url: string): Certificate | undefined {
    return this.#kept.get(url)
  }

  keep(url: string, certificate: Certificate): void {
    this.#kept.set(url, certificate)
  }

  forget(url: string): void {
    this.#kept.delete(url)
  }

  /** Downloads a certificate that is made out to `name`; those who ask at the same time share the download. */
  download(url: string, name: string, clock: CompleteClock): Promise<Certificate> {
    const current = this.#underWay.get(url)
    if (current !== undefined) return current
    const mine = this.#download(url, name, clock).finally(() => this.#underWay.delete(url))
    this.#underWay.set(url, mine)
    return mine
  }

  async #download(url: string, name: string, clock: CompleteClock): Promise<Certificate> {
    this.#checkRate(clock.now())
    return readCertificate(await this.#fetchWithin(url, clock), name)
  }

  async #fetchWithin(url: string, clock: CompleteClock): Promise<unknown> {
    try {
      return await within(clock, downloadTimeoutMs, signal => this.#fetch(url, { signal }))
    } catch (error) {
      throw unavailable('could not be downloaded', causeFrom(readForeignError(error)))
    }
  }

  #checkRate(now: number): void {
    // A download in the future was begun before the clock was set back.
    this.#begunAt = this.#begunAt.filter(begunAt => begunAt <= now && now - begunAt < downloadsPerMs)
    if (this.#begunAt.length >= mostDownloads)
      throw unavailable(`was not downloaded: there were ${mostDownloads} downloads in a minute`)
    this.#begunAt.push(now)
  }
}

function unavailable(what: string, cause?: unknown): SnsMessageError {
  return new SnsMessageError({
    code: 'ERR_SNS_CERTIFICATE',
    message: `The certificate of the message ${what}.`,
    cause,
    retryable: true,
  })
}
