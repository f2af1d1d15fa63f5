import { causeFrom, type ForeignError, readForeignError } from '../core/failures/foreign-error.js'
import type { CompleteClock } from '../core/time/clock.js'
import { within } from '../core/time/within.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import { type Certificate, readCertificate } from './certificate.js'
import type { Downloads } from './downloads.js'
import { SnsMessageError } from './sns-message-error.js'
import type { TurnOutcome } from './turn-queue.js'

/** A function that downloads the certificate at an SNS URL and resolves with its PEM text. It must not follow redirects. */
export type FetchCertificate = (url: string, options: { signal: AbortSignal }) => Promise<string>

/** The certificate that a message refers to. */
export interface NamedCertificate {
  readonly url: string
  /** The host name that it must be issued to. */
  readonly name: string
  /** Whether the user has listed its URL. */
  readonly isListed: boolean
}

/** A download that messages wait for. */
interface Awaited {
  certificate: Promise<Certificate>
  messages: number
  hasBegun: boolean
}

/** A Region has one certificate at a time, and a new one once a year. */
const mostKept = 10
const unprovenMs = 60_000
/** How many messages may wait for a certificate before its download starts, and while it runs. */
const mostHeldBefore = 4
const mostHeldDuring = 50
/** SNS waits 15 s for a response. */
const downloadTimeoutMs = 5_000

/**
 * The signing certificates that have verified a message and, for a minute, those that have not yet.
 *
 * Anybody can send a message that refers to a certificate. So a certificate is kept only once it has verified a signature. Failures are not
 * remembered here; `Downloads` delays names that have led to nothing.
 */
export class Certificates {
  readonly #fetch: FetchCertificate
  readonly #downloads: Downloads
  readonly #clock: CompleteClock
  readonly #kept = new RecentlyUsed<string, Certificate>(mostKept)
  /** Without these, forged messages that refer to the right certificate would cause it to be downloaded again and again. */
  readonly #unproven = new RecentlyUsed<string, { certificate: Certificate; until: number }>(mostKept)
  /** Errors with which SNS says that it has no such certificate. */
  readonly #missing = new WeakSet<object>()
  readonly #awaited = new Map<string, Awaited>()

  constructor(fetch: FetchCertificate, downloads: Downloads, clock: CompleteClock) {
    this.#fetch = fetch
    this.#downloads = downloads
    this.#clock = clock
  }

  /** Returns a kept certificate or downloads it; concurrent callers share one download. */
  get(named: NamedCertificate): Certificate | Promise<Certificate> {
    return this.#kept.get(named.url) ?? this.#unprovenAt(named.url) ?? this.#download(named)
  }

  /** Keeps a certificate that has verified a message. */
  keep(url: string, certificate: Certificate): void {
    if (this.#kept.get(url) === certificate) return
    this.#kept.set(url, certificate)
    this.#unproven.delete(url)
    this.#downloads.vouchFor(url)
  }

  forget(url: string): void {
    this.#kept.delete(url)
    this.#unproven.delete(url)
  }

  #unprovenAt(url: string): Certificate | undefined {
    const unproven = this.#unproven.get(url)
    return unproven !== undefined && this.#clock.elapsedMs() < unproven.until ? unproven.certificate : undefined
  }

  #download(named: NamedCertificate): Promise<Certificate> {
    const awaited = this.#awaited.get(named.url) ?? this.#begin(named)
    if (awaited.messages >= (awaited.hasBegun ? mostHeldDuring : mostHeldBefore))
      throw unavailable('is needed by too many waiting messages')
    awaited.messages += 1
    return awaited.certificate
  }

  #begin({ url, name, isListed }: NamedCertificate): Awaited {
    const awaited: Awaited = { messages: 0, hasBegun: false, certificate: undefined as never }
    this.#awaited.set(url, awaited)
    awaited.certificate = new Promise<Certificate>((resolve, reject) => {
      const begin = async (): Promise<TurnOutcome> => {
        awaited.hasBegun = true
        try {
          resolve(await this.#load(url, name))
          return 'found'
        } catch (error) {
          reject(error)
          return this.#missing.has(error as SnsMessageError) || !(error as SnsMessageError).retryable ? 'nothing' : 'failed'
        }
      }
      const refuse = (): void => reject(unavailable('was not downloaded: too many other downloads are under way'))
      this.#downloads.add({ name: url, begin, refuse }, isListed)
    }).finally(() => this.#awaited.delete(url))
    return awaited
  }

  async #load(url: string, name: string): Promise<Certificate> {
    const certificate = readCertificate(await this.#fetchWithin(url), name)
    this.#unproven.set(url, { certificate, until: this.#clock.elapsedMs() + unprovenMs })
    return certificate
  }

  async #fetchWithin(url: string): Promise<unknown> {
    try {
      return await within(this.#clock, downloadTimeoutMs, signal => this.#fetch(url, { signal }))
    } catch (error) {
      const read = readForeignError(error)
      const failure = unavailable('could not be downloaded', causeFrom(read))
      if (isMissing(read)) this.#missing.add(failure)
      throw failure
    }
  }
}

/** SNS returns 403 for a missing file if its bucket may not be listed. */
function isMissing({ status }: ForeignError): boolean {
  return status === 403 || status === 404
}

function unavailable(what: string, cause?: unknown): SnsMessageError {
  return new SnsMessageError({
    code: 'ERR_SNS_CERTIFICATE',
    message: `The certificate of the message ${what}.`,
    cause,
    retryable: true,
  })
}
