import { monotonicMs } from './monotonic.js'

/** What a fault gets in the way of: `service` for Secrets Manager, `old answers` of it, `process`, `clock`, or the name of a database. */
export type Touched = string

/** The part of Secrets Manager that concerns one secret. */
export function inSecret(place: Touched, secretId: string | undefined): Touched {
  return secretId === undefined ? place : `${place} of ${secretId}`
}

interface Window {
  readonly touched: readonly Touched[]
  readonly from: number
  to: number
}

/** Every fault that was injected, and when it lasted. */
export class FaultLog {
  readonly #counts = new Map<string, number>()
  readonly #windows: Window[] = []

  /** How often each fault was injected, by name. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  note(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  /** A fault begins; the function it returns ends it. */
  begin(name: string, ...touched: Touched[]): () => void {
    this.note(name)
    const window: Window = { touched, from: monotonicMs(), to: Number.POSITIVE_INFINITY }
    this.#windows.push(window)
    return () => {
      window.to = monotonicMs()
    }
  }

  /** Something that nobody injected lasted for a time that is over. */
  lasted(name: string, from: number, to: number, ...touched: Touched[]): void {
    this.note(name)
    this.#windows.push({ touched, from, to })
  }

  /** Whether a fault that touches one of these lasted at some time between. */
  overlaps(touched: readonly Touched[], from: number, to: number): boolean {
    return this.#windows.some(window => touchesOne(window, touched) && window.from <= to && window.to >= from)
  }

  /** Since when, at `at`, nothing that touches one of these has gone wrong. */
  calmSince(touched: readonly Touched[], at: number): number {
    const ends = this.#windows.filter(window => touchesOne(window, touched) && window.from <= at).map(({ to }) => to)
    return Math.min(at, Math.max(0, ...ends))
  }
}

function touchesOne(window: Window, touched: readonly Touched[]): boolean {
  return window.touched.some(each => touched.includes(each))
}
