import type { Side } from './side.js'
import type { Stage } from './stage.js'
import type { Rate, Sample, State } from './state.js'

/** What a picture of the demo is made of. */
export interface LiveSource {
  sides: readonly Side[]
  stage: Stage
  /** The name of a version, such as v3. */
  versionName(versionId: string): string
}

const sampleMs = 500
const samplesKept = 120

/** Looks at the demo twice a second, and keeps the last minute for pages that are opened later. */
export class Live {
  readonly samples: Sample[] = []
  readonly #source: LiveSource
  readonly #timer: NodeJS.Timeout
  #before: { atMs: number; sides: Rate[] }

  constructor(source: LiveSource, onState: (state: State) => void) {
    this.#source = source
    this.#before = this.#count()
    this.#timer = setInterval(() => onState(this.#look()), sampleMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #count(): { atMs: number; sides: Rate[] } {
    const sides = this.#source.sides.map(({ queries, failures }) => ({ queries, failures }))
    return { atMs: performance.now(), sides }
  }

  #look(): State {
    const { sides, stage, versionName } = this.#source
    const [before, now] = [this.#before, this.#count()]
    this.#before = now
    const perSecond = (count: number, earlier = 0): number => Math.round(((count - earlier) * 1_000) / (now.atMs - before.atMs))
    const sample: Sample = {
      rates: now.sides.map(({ queries, failures }, n) => ({
        queries: perSecond(queries, before.sides[n]?.queries),
        failures: perSecond(failures, before.sides[n]?.failures),
      })),
      inWindow: stage.rotation?.inWindow ?? false,
    }
    this.samples.push(sample)
    this.samples.splice(0, this.samples.length - samplesKept)
    const named = <Of>(byVersion: ReadonlyMap<string, Of>): [string, Of][] =>
      [...byVersion]
        .map(([versionId, of]): [string, Of] => [versionName(versionId), of])
        .sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }))
    return {
      sample,
      sides: sides.map(side => ({
        name: side.name,
        queries: side.queries,
        failures: side.failures,
        errors: [...side.errors],
        connections: named(side.connections()),
      })),
      versions: named(stage.labels()),
      rotation: stage.rotation ?? null,
      troubles: (['outage', 'throttling', 'deniedPending', 'lostEvents'] as const).filter(trouble => stage.troubles.has(trouble)),
    }
  }
}
