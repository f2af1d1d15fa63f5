import { type CompleteClock, sleep } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { untilAborted } from '../core/time/until-aborted.js'
import { type ErrorKind, hasNotConnected, isRefusal } from '../pools/error-kind.js'
import { followedBy } from '../pools/followed.js'
import { unended } from '../pools/followed-logins.js'
import { followerStatus } from '../pools/follower-status.js'
import { KnownLogins } from '../pools/known-logins.js'
import { isWithin, pauseAfterFailure } from '../pools/limits.js'
import { Mover } from '../pools/mover.js'
import type { FollowerStatus } from '../pools/pool-status.js'
import { triedAgain } from '../pools/refused-reason.js'
import { Waiters } from '../pools/waiters.js'
import { ClientInUse } from './client-in-use.js'
import { closedError } from './closed-error.js'
import { Draining } from './draining.js'
import { kindBy } from './error-kind.js'
import { proveClient } from './prove-client.js'
import { asItIs, type Given, sameUser } from './reading.js'
import type { CheckedSwapOptions } from './swap-options.js'
import { SwapTeller, staysAsItIs } from './swap-teller.js'

/** A client that only checks whether a working version is still valid is created at most this often. */
const proofEveryMs = 1_000

/**
 * Keeps the client of the version that works. Work always runs on the current client; the mover of the pools finds the version to move to,
 * by creating a client from it and verifying that.
 */
export class ClientSwap<Client> {
  readonly events: SwapTeller
  readonly #options: CheckedSwapOptions<Client>
  readonly #clock: CompleteClock
  readonly #kindOf: (error: unknown) => ErrorKind
  readonly #known: KnownLogins<Given>
  readonly #mover: Mover<Given>
  readonly #waiters: Waiters
  readonly #draining: Draining<Client>
  readonly #unfollow: () => void
  #running: ClientInUse<Client> | undefined
  /** A client that has just proven that it works. */
  #proven: ClientInUse<Client> | undefined
  /** Work was rejected with this version although the version is valid: the user may lack a privilege. This is checked at most once a second. */
  #cleared: { readonly versionId: string; readonly at: number } | undefined
  /** The version whose proof failed last for a reason other than its credentials, and how long it is not proven again. */
  #failing: { readonly versionId: string; readonly failures: number; readonly until: number } | undefined
  readonly #keepAlive = new KeepAlive()
  readonly #closed = new AbortController()
  #isReading = false
  #closing: Promise<void> | undefined

  constructor(options: CheckedSwapOptions<Client>) {
    const followed = followedBy(options, asItIs)
    const { clock } = followed
    this.events = new SwapTeller(options.secretId)
    this.#options = options
    this.#clock = clock
    this.#kindOf = kindBy(options.isAuthError)
    const known = new KnownLogins<Given>(followed, this.events, {
      sameAccount: sameUser,
      sameLogin: (one, other) => one.versionId === other.versionId,
      kindOf: this.#kindOf,
      lateMessage: 'No client has been verified yet.',
    })
    this.#known = known
    this.#waiters = new Waiters(clock)
    this.#draining = new Draining(clock, options)
    this.#mover = new Mover({
      clock,
      followed: known.followed,
      target: known.target,
      refusals: known.refusals,
      windowMs: options.rotationWindowMs,
      kindOf: this.#kindOf,
      prove: version => this.#prove(version),
      // Before the first work, no client needs to be created.
      provesFirst: () => this.#waiters.count > 0,
      onWorks: (_, insteadOf) => this.#moveToProven(insteadOf),
      // Each new login of a source is moved to.
      onRenewed: () => {},
      onPendingBecameCurrent: version => known.tellCredentials(version),
      onGivenUp: error => this.#waiters.giveUpAll(error),
      onWindow: (phase, version) => known.tellWindow(phase, version),
      onRefused: (version, error, { isInUse }) => known.tellRefused(version, error, isInUse ? triedAgain : staysAsItIs),
      onUnusable: () => {},
    })
    this.#unfollow = followed.onMoved(() => this.#mover.moved())
  }

  async use<T>(work: (client: Client) => T | Promise<T>): Promise<T> {
    if (typeof work !== 'function') throw new TypeError('use takes a function that works with a client.')
    const running = await this.#ready()
    try {
      return await running.run(work)
    } catch (error) {
      const newer = await this.#inPlaceOf(running, error)
      if (newer === undefined) throw error
      return newer.run(work)
    }
  }

  /** The state of the swap, whose only connection is its client. */
  status(): FollowerStatus {
    const openVersions = this.#running === undefined ? [] : [this.#running.version.versionId]
    return followerStatus(this.#known, { kind: 'swap', secretId: this.#options.secretId, userOf: () => undefined, openVersions })
  }

  /** Resolves after `timeoutMs` in any case. */
  close(timeoutMs: number = this.#options.drainTimeoutMs): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  /** The client for work that starts now. Rejects as the cache does, or with the error that the client was rejected with. */
  async #ready(): Promise<ClientInUse<Client>> {
    if (this.#closing !== undefined) throw closedError(this.#options.secretId)
    const { followed, target } = this.#known
    if (this.#running !== undefined) {
      // A denied read does not end a client that works.
      if (followed.peek()?.stale !== false) void this.#readBehind()
      this.#mover.look()
      return this.#running
    }
    if (target.state.kind === 'empty') target.read(await followed.read(), unended(followed, target.lastWorked))
    const { state } = target
    if (state.kind === 'wrong' && this.#running === undefined) {
      if (!this.#known.mayTryAgain(state.login)) throw state.error
      this.#mover.probe(state)
    }
    return this.#awaited()
  }

  async #awaited(): Promise<ClientInUse<Client>> {
    if (this.#closing !== undefined) throw closedError(this.#options.secretId)
    if (this.#running === undefined) {
      const { login } = this.#known.target
      const waiting = this.#waiters.wait(this.#waiters.wish(), () => this.#known.lateError())
      this.#mover.look()
      try {
        await waiting
      } catch (error) {
        if (login === undefined || !(await this.#hasMovedFrom(login, error))) throw error
        return this.#ready()
      }
    }
    if (this.#running === undefined) throw closedError(this.#options.secretId)
    return this.#running
  }

  /** The client to repeat rejected work on, once that is decided; undefined if there is none. */
  async #inPlaceOf(running: ClientInUse<Client>, error: unknown): Promise<ClientInUse<Client> | undefined> {
    const { version } = running
    const { target, refusals } = this.#known
    const kind = this.#kindOf(error)
    if (kind === 'unreachable') {
      const hasMoved = await this.#hasMovedFrom(version, error)
      return hasMoved && this.#running !== running ? this.#running : undefined
    }
    if (kind !== 'refused') return undefined
    if (this.#isFailing()) return undefined
    if (this.#running === running && this.#closing === undefined) {
      await this.#untilNextProof(version)
      if (this.#running !== running || this.#closing !== undefined) return this.#running
      const { state } = target
      if (state.kind === 'wrong' && refusals.waitMs(version) > 0) return undefined
      // A version that was found to be invalid has had its rotation window.
      const hadWorked = state.kind !== 'wrong'
      const settled = this.#waiters.wait(this.#waiters.wish(), () => error)
      if (!target.isRefused) this.#mover.refused({ login: version, error, hadWorked, atWork: true })
      // The work rejects with its own error, not with that of the search.
      await settled.catch(() => {})
    }
    return this.#running === running ? undefined : this.#running
  }

  /** A server was not reached: resolves once it is known whether there is another client, or a version to create one from. */
  async #hasMovedFrom(version: Given, error: unknown): Promise<boolean> {
    if (this.#kindOf(error) !== 'unreachable' || this.#closing !== undefined) return false
    this.#mover.unreachable(version)
    if (!hasNotConnected(error)) return false
    const elsewhere = (): Promise<void> => untilAborted(this.#mover.elsewhere(version), this.#closed.signal)
    await this.#keepAlive.during(elsewhere).catch(() => {})
    return this.#closing === undefined && this.#known.target.login !== version
  }

  /** Each proof creates a client and ends it, so rejected work waits for the next proof instead of running one of its own. */
  async #untilNextProof({ versionId }: Given): Promise<void> {
    const cleared = this.#cleared
    const now = this.#clock.elapsedMs()
    if (cleared?.versionId !== versionId || !isWithin(proofEveryMs, cleared.at, now)) return
    await this.#keepAlive.during(() => sleep(this.#clock, cleared.at + proofEveryMs - now, this.#closed.signal)).catch(() => {})
  }

  async #readBehind(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    try {
      await this.#known.followed.read()
      this.#mover.look()
    } catch {
      // The cache reports it with its `error` event.
    } finally {
      this.#isReading = false
    }
  }

  async #prove(version: Given): Promise<unknown> {
    const proof = await proveClient(this.#options, this.#clock, version)
    this.#known.tried(version, 'error' in proof ? proof.error : undefined)
    if ('error' in proof) {
      this.#failed(version, proof.error)
      return proof.error
    }
    this.#failing = undefined
    this.#proven = new ClientInUse(version, proof.client)
    return undefined
  }

  #failed({ versionId }: Given, error: unknown): void {
    if (isRefusal(this.#kindOf(error))) return
    const failures = (this.#failing?.versionId === versionId ? this.#failing.failures : 0) + 1
    this.#failing = { versionId, failures, until: this.#clock.elapsedMs() + pauseAfterFailure(failures) }
  }

  /** Whether the version that rejected work would lead to has failed too recently: each proof creates a client and ends it. */
  #isFailing(): boolean {
    const failing = this.#failing
    return failing?.versionId === this.#known.followed.current()?.versionId && this.#clock.elapsedMs() < (failing?.until ?? 0)
  }

  #moveToProven(insteadOf: string | undefined): void {
    const [before, proven] = [this.#running, this.#proven]
    if (proven === undefined) return
    this.#proven = undefined
    const { version } = proven
    // The work was rejected for a reason other than its credentials.
    const isCleared = before?.version.versionId === version.versionId && this.#known.refusals.count(version) === 0
    // Listeners of the event must find the new client in use.
    if (!isCleared) this.#running = proven
    this.#known.works(version, this.#clock.elapsedMs(), insteadOf)
    if (isCleared) {
      this.#cleared = { versionId: version.versionId, at: this.#clock.elapsedMs() }
      this.#draining.begin(proven)
    } else if (before !== undefined) {
      this.#draining.begin(before, drained => this.#retired(before.version, drained))
    }
    this.#waiters.goOnAll()
  }

  #retired(version: Given, drained: boolean): void {
    this.#known.history.retired()
    this.events.retired(version, drained)
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#unfollow()
    this.#closed.abort()
    const running = this.#running
    this.#running = undefined
    if (running !== undefined) this.#draining.begin(running)
    await this.#draining.ended(timeoutMs, async () => {
      const stopped = this.#mover.stop()
      this.#waiters.giveUpAll(closedError(this.#options.secretId))
      await stopped
      if (this.#proven !== undefined) this.#draining.begin(this.#proven)
    })
  }
}
