import { SecretCacheError } from '../core/failures/errors.js'
import { errorFor } from '../core/failures/failure.js'
import type { Secret } from '../core/secrets/secret.js'
import { pauseAfter } from '../core/time/backoff.js'
import { sleep } from '../core/time/clock.js'
import { closedError, lookFirst, neverSent } from './admin-error.js'
import type { AdministeredCache } from './administered-cache.js'
import { inTurn } from './in-turn.js'
import { RotationState } from './rotation-state.js'
import { type Call, send } from './send.js'
import type { WriteAccess } from './write-access.js'

/** The parts of a request for a rotation. */
export interface RotationParts {
  readonly cache: AdministeredCache
  readonly access: WriteAccess
  readonly secretId: string
  readonly client: Call['client']
  /** The idempotency token, which becomes the id of the version. */
  readonly token: string
  /** Whether the caller passed the token, so that this may be a repetition. */
  readonly isOwnToken: boolean
}

/** The pauses between two checks whether a rotation is over, unless an event shows it. */
const lookEvery = { initialMs: 1_000, factor: 1.5, maxMs: 5_000 }
/** The last check begins this long before the deadline (at most a quarter of the time), so that a response may still arrive. */
const lastLookMs = 500

const goesOn =
  'It continues, and Secrets Manager retries it if it fails. The log of the rotation function shows its progress; AWSPENDING is the version that it creates.'

/** Requests one rotation and waits for it. */
export class Rotation {
  readonly #parts: RotationParts
  readonly #state: RotationState
  #progress: 'not asked' | 'asked' | 'begun' = 'not asked'
  /** The version that was current before; undefined if the rotation may be over already. */
  #before: string | undefined
  /** The version that is to become current; undefined while the version of another rotation is not known. */
  #expected: string | undefined
  /** A sequence number from before the rotation began. */
  #begunAt = 0

  constructor(parts: RotationParts) {
    this.#parts = parts
    this.#state = new RotationState(parts)
  }

  async run(stop: AbortSignal, waitMs: number): Promise<Secret> {
    const { cache, access, secretId } = this.#parts
    const lastLookAt = access.clock.elapsedMs() + waitMs - Math.min(lastLookMs, waitMs / 4)
    const before = await cache.refreshNow(secretId, { versionStage: 'AWSCURRENT', signal: stop })
    let news = new AbortController()
    const unlisten = cache.on('rotated', ({ arn }) => {
      if (arn === before.arn) news.abort()
    })
    try {
      this.#before = before.versionId
      await this.#begin(stop)
      for (let round = 1; ; round += 1) {
        const pauseMs = pauseAfter(round, lookEvery)
        const leftMs = lastLookAt - access.clock.elapsedMs()
        // After the last check, the deadline comes first, unless the process was frozen, which does not count as waiting time.
        const isLast = leftMs > 0 && leftMs < pauseMs
        await sleep(access.clock, isLast ? leftMs : pauseMs, AbortSignal.any([news.signal, access.closing, stop])).catch(() => {})
        stop.throwIfAborted()
        news = new AbortController()
        const secret = await this.#look(stop)
        if (secret !== undefined) return secret
      }
    } finally {
      unlisten()
    }
  }

  /** Makes the next read load the secret: nobody waits for the rotation any more, but it may go on. */
  leave(): void {
    const { access, secretId } = this.#parts
    if (this.#progress !== 'not asked') access.doubt(secretId, ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'])
  }

  /** The error of a rotation that was not over in time. */
  tookTooLong(waitMs: number): SecretCacheError {
    const { secretId } = this.#parts
    const hints = { 'not asked': neverSent, asked: lookFirst.RotateSecret, begun: goesOn }
    return new SecretCacheError({
      code: 'ERR_SECRET_TIMEOUT',
      message: `The rotation of ${secretId} did not finish within ${waitMs} ms.`,
      secretId,
      hint: hints[this.#progress],
    })
  }

  /** Begins the rotation. If one is under way, the service continues that one and returns an error that says so. */
  async #begin(signal: AbortSignal): Promise<void> {
    const { access, secretId, client, token, isOwnToken } = this.#parts
    const input = { SecretId: secretId, RotateImmediately: true, ClientRequestToken: token }
    const call = { access, secretId, client, signal, operation: 'RotateSecret', input } as const
    this.#begunAt = access.begin(secretId).begunAt
    let isRepetition = isOwnToken
    const onUncertain = (): void => {
      isRepetition = true
    }
    try {
      const { answer } = await inTurn(call, () => {
        this.#progress = 'asked'
        return send(call, onUncertain)
      })
      this.#expected = answer?.VersionId ?? token
    } catch (error) {
      if (/previous rotation isn.t complete/i.test(String(error))) this.#expected = undefined
      else if (isRepetition && isInUse(error)) this.#takeUp(token)
      else throw error
    }
    this.#progress = 'begun'
  }

  /** The version of the token exists already: it may have become current before, and another one after it. */
  #takeUp(token: string): void {
    this.#expected = token
    this.#before = undefined
  }

  /** The current version, if it is the new one: from memory if an event has caused a load, otherwise by a load. */
  async #look(signal: AbortSignal): Promise<Secret | undefined> {
    const { access, secretId } = this.#parts
    if (access.closing.aborted) throw closedError(secretId, 'RotateSecret', 'may be done')
    this.#expected ??= await this.#state.versionInTheMaking(this.#before, signal)
    const expected = this.#expected
    if (expected === undefined) return undefined
    const held = access.freshCurrent(secretId)
    if (held?.versionId === expected) return held
    const announced = [[expected, { sequence: this.#begunAt, isLater: true }]] as const
    const outcome = await access.refreshCurrent(secretId, { announced, signal })
    if ('failure' in outcome) {
      // A transient failure may end before the deadline. Configuration and credentials have to be fixed by somebody.
      if (outcome.failure.kind === 'transient' && outcome.failure.waitingHelps) return undefined
      throw errorFor(outcome.failure, secretId)
    }
    const { secret, versionId } = outcome.held
    if (versionId === expected) return secret
    if (versionId === this.#before) return undefined
    return (await this.#state.wasCurrent(expected, signal)) ? secret : undefined
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof SecretCacheError && (error.cause as Error | undefined)?.name === 'ResourceExistsException'
}
