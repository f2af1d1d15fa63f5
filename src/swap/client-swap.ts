import type { Secret } from '../core/secrets/secret.js'
import type { CompleteClock } from '../core/time/clock.js'
import { findLogin, type Refusal } from '../pools/find-login.js'
import { FollowedSecret } from '../pools/followed-secret.js'
import { isWithin, loginsOfAWindow, pauseAfterLogin, probeEveryMs } from '../pools/login-limits.js'
import { Pause } from '../pools/pause.js'
import { Waiters } from '../pools/waiters.js'
import { ClientInUse } from './client-in-use.js'
import { proveClient } from './prove-client.js'
import { asItIs } from './reading.js'
import type { CheckedSwapOptions } from './swap-options.js'
import { SwapTeller } from './swap-teller.js'

/** A version that is refused, and since when it was not tried. */
interface WrongVersion {
  readonly versionId: string
  readonly error: unknown
  readonly since: number
}

/**
 * Keeps the client of the version that works.
 *
 * Work runs on the client that is there, whatever is going on. One search at a time finds the version to move to: the one that the
 * secret has moved to, or, after work was refused, the one that `findLogin` finds.
 */
export class ClientSwap<Client> {
  readonly events: SwapTeller
  readonly #options: CheckedSwapOptions<Client>
  readonly #secret: FollowedSecret<Secret>
  readonly #clock: CompleteClock
  readonly #waiters: Waiters
  /** Ends early if the secret moves, work is refused, or the swap is closed. */
  readonly #pause: Pause
  readonly #unfollow: () => void
  readonly #draining = new Set<Promise<void>>()
  #running: ClientInUse<Client> | undefined
  /** A client that has just proven that it works. */
  #proven: ClientInUse<Client> | undefined
  /** The last that was seen of the secret: where nothing may be kept, the cache has it no more when it is needed. */
  #lastSeen: Secret | undefined
  /** While the client is of AWSPENDING: the version that is still AWSCURRENT. */
  #insteadOf: string | undefined
  #refusal: Refusal<Secret> | undefined
  #wrong: WrongVersion | undefined
  /** How many refused proofs are left until one works. */
  readonly #budget: { left: number } = { left: loginsOfAWindow }
  #searching: Promise<void> | undefined
  #reading = false
  #closing: Promise<void> | undefined

  constructor(options: CheckedSwapOptions<Client>) {
    this.events = new SwapTeller(options.secretId)
    this.#options = options
    this.#secret = new FollowedSecret(options, asItIs)
    this.#clock = options.cache.clock
    this.#waiters = new Waiters(this.#clock)
    this.#pause = new Pause(this.#clock)
    this.#unfollow = options.cache.handle(options.secretId).on('rotated', () => {
      this.#pause.end()
      this.#search()
    })
  }

  async use<T>(work: (client: Client) => T | Promise<T>): Promise<T> {
    if (typeof work !== 'function') throw new TypeError('use takes a function that works with a client.')
    await this.#ready()
    const running = this.#running
    if (running === undefined) throw this.#closedError()
    try {
      return await running.run(work)
    } catch (error) {
      if (!this.#isAuthError(error)) throw error
      await this.#refused(running, error)
      const newer = this.#running
      if (newer === undefined || newer === running) throw error
      return newer.run(work)
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Resolves when there is a client. Rejects as the cache does, or with what the client was refused with. */
  async #ready(): Promise<void> {
    const secret = this.#secret.peek()
    // Denied, or out of reach for longer than the cache allows: who works must hear of it.
    if (secret === undefined) this.#lastSeen = await this.#secret.read()
    else if (secret.stale) void this.#readBehind()
    if (this.#closing !== undefined) throw this.#closedError()
    if (this.#running !== undefined) {
      this.#search()
      return
    }
    if (this.#isWrong(this.#current())) throw this.#wrong?.error
    const ready = this.#waiters.wait(0, () => undefined)
    this.#search()
    await ready
  }

  /** Resolves when it is settled whether there is another client for work that was refused. */
  async #refused(running: ClientInUse<Client>, error: unknown): Promise<void> {
    const login = running.secret
    if (this.#running !== running || this.#isWrong(this.#current())) return
    // A version that was found to be wrong has had its window.
    const hadWorked = this.#wrong?.versionId !== login.versionId
    if (!hadWorked) this.#budget.left = 1
    this.#refusal ??= { login, error, hadWorked, inWork: true }
    const settled = this.#waiters.wait(0, () => undefined)
    this.#pause.end()
    this.#search()
    // What counts is what the work was refused with.
    await settled.catch(() => {})
  }

  async #readBehind(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    try {
      this.#lastSeen = await this.#secret.read()
      this.#search()
    } catch {
      // The cache's `error` event tells it.
    } finally {
      this.#reading = false
    }
  }

  /** Looks for the client to move to, unless that is under way. */
  #search(): void {
    if (this.#searching !== undefined || this.#closing !== undefined) return
    if (this.#refusal !== undefined || this.#next() !== undefined) this.#searching = this.#searchOn()
  }

  async #searchOn(): Promise<void> {
    let failures = 0
    let failed: string | undefined
    while (this.#closing === undefined) {
      if (this.#refusal !== undefined) {
        await this.#settle(this.#refusal)
        continue
      }
      const next = this.#next()
      if (next === undefined) break
      if (this.#wrong?.versionId === next.versionId) {
        this.#budget.left = 1
        this.#refusal = { login: next, error: this.#wrong.error, hadWorked: false }
        continue
      }
      failures = next.versionId === failed ? failures + 1 : 1
      failed = next.versionId
      const error = await this.#failureOf(next)
      if (error === undefined) this.#moveToProven()
      else if (this.#running !== undefined) {
        if (failures === 1) this.#tellRefused(next, error, 'The client that is there stays, and it is tried again.')
        // What happened during the proof has woken nobody.
        const hasMoved = this.#refusal !== undefined || this.#next()?.versionId !== failed
        if (!hasMoved) await this.#pause.take(pauseAfterLogin(failures))
      } else if (this.#isAuthError(error)) {
        this.#budget.left -= 1
        this.#refusal = { login: next, error, hadWorked: false }
      } else this.#waiters.giveUpAll(error)
    }
    this.#searching = undefined
    // The secret may have moved back to a version that is known to be wrong.
    if (this.#running === undefined) this.#waiters.giveUpAll(this.#wrong?.error ?? this.#closedError())
  }

  /** The version to move to, if there is one. */
  #next(): Secret | undefined {
    const current = this.#current()
    // Before the first work there is no client to be replaced.
    if (current === undefined || (this.#running === undefined && !this.#waiters.some)) return undefined
    const running = this.#running?.secret.versionId
    if (current.versionId === running && this.#insteadOf !== undefined) {
      this.#insteadOf = undefined
      this.events.credentials(current, { pending: false })
    }
    const isThere = current.versionId === running || current.versionId === this.#insteadOf
    return isThere || this.#isWrong(current) ? undefined : current
  }

  async #settle(refusal: Refusal<Secret>): Promise<void> {
    const found = await findLogin(refusal, {
      secret: this.#secret,
      clock: this.#clock,
      windowMs: this.#options.rotationWindowMs,
      budget: this.#budget,
      isAuthError: error => this.#isAuthError(error),
      failureOf: secret => this.#failureOf(secret),
      pause: ms => this.#pause.take(ms),
      isWanted: () => this.#closing === undefined,
      onWindow: (phase, secret) => this.events.window(secret, phase),
    })
    this.#refusal = undefined
    if (found.kind === 'works') this.#moveToProven(found.insteadOf)
    else if (found.kind !== 'given up') {
      if (found.kind === 'wrong') this.#isRefused(found.login, found.error)
      this.#waiters.giveUpAll(found.error)
    }
  }

  #isRefused(secret: Secret, error: unknown): void {
    this.#wrong = { versionId: secret.versionId, error, since: this.#clock.now() }
    this.#tellRefused(secret, error, 'It is tried once a minute, and as soon as the secret moves to another version.')
  }

  async #failureOf(secret: Secret): Promise<unknown> {
    const proof = await proveClient(this.#options, this.#clock, secret)
    if ('error' in proof) return proof.error
    this.#proven = new ClientInUse(secret, proof.client)
    return undefined
  }

  #moveToProven(insteadOf?: string): void {
    const [before, proven] = [this.#running, this.#proven]
    if (proven === undefined || this.#closing !== undefined) return
    const wasWrong = this.#wrong !== undefined
    this.#proven = undefined
    this.#wrong = undefined
    this.#refusal = undefined
    this.#budget.left = loginsOfAWindow
    if (before?.secret.versionId === proven.secret.versionId && !wasWrong) {
      // The work was refused for another reason than its credentials.
      this.#drain(proven)
    } else {
      this.#running = proven
      this.#insteadOf = insteadOf
      this.events.credentials(proven.secret, { pending: insteadOf !== undefined })
      if (before !== undefined) this.#drain(before, drained => this.events.retired(before.secret, drained))
    }
    this.#waiters.goOnAll()
  }

  #drain(client: ClientInUse<Client>, tell: (drained: boolean) => void = () => {}): void {
    const draining = client
      .drainWhenUnused(unused => this.#options.drain(unused))
      .then(
        () => tell(true),
        () => tell(false),
      )
      .finally(() => this.#draining.delete(draining))
    this.#draining.add(draining)
  }

  async #close(): Promise<void> {
    this.#unfollow()
    this.#pause.end()
    this.#waiters.giveUpAll(this.#closedError())
    const running = this.#running
    this.#running = undefined
    if (running !== undefined) this.#drain(running)
    await this.#searching
    if (this.#proven !== undefined) this.#drain(this.#proven)
    await Promise.all(this.#draining)
  }

  #current(): Secret | undefined {
    this.#lastSeen = this.#secret.peek() ?? this.#lastSeen
    return this.#lastSeen
  }

  #isWrong(secret: Secret | undefined): boolean {
    const wrong = this.#wrong
    const isThat = wrong !== undefined && wrong.versionId === secret?.versionId
    return isThat && isWithin(probeEveryMs, wrong.since, this.#clock.now())
  }

  #isAuthError(error: unknown): boolean {
    try {
      return this.#options.isAuthError(error)
    } catch {
      // It stumbled over an error that it does not know.
      return false
    }
  }

  #tellRefused(secret: Secret, error: unknown, consequence: string): void {
    this.events.refused(secret, error, { isAuthError: this.#isAuthError(error), consequence })
  }

  #closedError(): Error {
    return new Error(`The swap of ${this.#options.secretId} is closed.`)
  }
}
