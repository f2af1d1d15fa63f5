import { readForeignError } from '../core/failures/foreign-error.js'
import type { SourceOptions } from '../core/secrets/source.js'
import type { CompleteClock } from '../core/time/clock.js'
import { untilAborted } from '../core/time/until-aborted.js'
import type { Parameter } from './parameter.js'
import { bareName } from './parameter-id.js'
import type { Turns } from './turns.js'

/** The most names that GetParameters accepts. */
export const mostPerCall = 10

/** A role may lack the right to read several at once, or one of them: how long each is then read alone. */
const aloneAfterDenialMs = 60_000

/** The calls of Parameter Store that read what has been gathered. */
export interface GatheredCalls {
  one(secretId: string, options: SourceOptions): Promise<Parameter | undefined>
  many(secretIds: string[], options: SourceOptions): Promise<Parameter[]>
}

/** Reads that wait for their turn together. */
interface Gathering {
  /** The ids, by the name without a slash: the service has one answer for both forms. */
  readonly ids: Map<string, string>
  readonly signal: AbortController
  /** How many readers still wait. */
  readers: number
  /** undefined if each has to be read alone. */
  answer: Promise<readonly (Parameter | undefined)[] | undefined>
}

/** Reads of last versions: those that have to wait for their turn take one call for ten, so that many at once do not wait for long. */
export class GatheredReads {
  readonly #calls: GatheredCalls
  readonly #turns: Turns
  readonly #clock: CompleteClock
  #open: Gathering | undefined
  #aloneUntil = Number.NEGATIVE_INFINITY

  constructor(calls: GatheredCalls, turns: Turns, clock: CompleteClock) {
    this.#calls = calls
    this.#turns = turns
    this.#clock = clock
  }

  async read(secretId: string, options: SourceOptions): Promise<Parameter | undefined> {
    const gathering = this.#gatheringFor(options)
    if (gathering === undefined) return this.#calls.one(secretId, options)
    const parameters = await this.#join(gathering, secretId, options)
    const found = parameters?.find(parameter => bareName(parameter?.Name ?? '') === bareName(secretId))
    if (found !== undefined) return found
    // A read of its own says what is wrong with it.
    await this.#turns.wait(options.signal)
    return this.#calls.one(secretId, options)
  }

  /** The gathering to join; undefined if a call may be made at once. */
  #gatheringFor(options: SourceOptions): Gathering | undefined {
    if (this.#open !== undefined) return this.#open
    const waitMs = this.#turns.take()
    if (waitMs === 0) return undefined
    const signal = new AbortController()
    const gathering: Gathering = { ids: new Map(), signal, readers: 0, answer: Promise.resolve(undefined) }
    gathering.answer = this.#run(gathering, waitMs, { ...options, signal: signal.signal })
    // If all readers have left, nobody else handles it.
    gathering.answer.catch(() => {})
    this.#open = gathering
    return gathering
  }

  async #join(gathering: Gathering, secretId: string, { signal }: SourceOptions): Gathering['answer'] {
    const { ids } = gathering
    ids.set(bareName(secretId), secretId)
    gathering.readers += 1
    const isFull = ids.size === (this.#clock.elapsedMs() < this.#aloneUntil ? 1 : mostPerCall)
    if (isFull && this.#open === gathering) this.#open = undefined
    try {
      return await untilAborted(gathering.answer, signal)
    } finally {
      gathering.readers -= 1
      if (gathering.readers === 0) gathering.signal.abort()
    }
  }

  async #run(gathering: Gathering, waitMs: number, options: SourceOptions): Gathering['answer'] {
    await this.#turns.after(waitMs, options.signal)
    if (this.#open === gathering) this.#open = undefined
    const ids = [...gathering.ids.values()]
    if (ids.length === 1) return [await this.#calls.one(ids[0] as string, options)]
    try {
      return await this.#calls.many(ids, options)
    } catch (error) {
      if (!/AccessDenied/.test(readForeignError(error).name)) throw error
      this.#aloneUntil = this.#clock.elapsedMs() + aloneAfterDenialMs
      return undefined
    }
  }
}
