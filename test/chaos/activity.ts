import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from './random.js'
import type { Stage } from './stage.js'

/** How long after the last fault a rotation that is tried again and again may take. */
const succeedsWithinMs = 30_000

/** What goes on all the time, fair weather or foul: rotations and rollbacks. */
export interface Activity {
  readonly rotations: number
  /** Of the databases' rotations, how many had to be tried again. */
  readonly failedAttempts: number
  /** Begins nothing more. Resolves when what is under way has succeeded, with true, or with why it does not. */
  stop(): Promise<unknown>
}

/** Moves keys, more often if that is wanted, and rotates the databases' passwords, at times that the seed decides. */
export function startActivity(stage: Stage, seed: number, faster = 1): Activity {
  let rotations = 0
  let failedAttempts = 0
  let lastError: unknown
  const over = new AbortController()
  const pause = async (random: Random, least: number, most: number): Promise<boolean> => {
    await sleep(random.between(least, most), undefined, { signal: over.signal }).catch(() => {})
    return !over.signal.aborted
  }

  async function moveKeys(): Promise<void> {
    const random = new Random(seed, 'keys')
    const { fake, keys, history } = stage
    const before = new Map<string, string>()
    for (let n = 1; await pause(random, 100 / faster, 900 / faster); n += 1) {
      const key = random.pick(keys)
      const current = history.current(key)?.versionId ?? ''
      const earlier = before.get(key)
      before.set(key, current)
      // Any text does, as long as no version has the same.
      if (earlier !== undefined && random.chance(0.15)) fake.moveCurrent(key, earlier)
      else fake.rotate(key, `${key} as moved by number ${n}`)
      rotations += 1
    }
  }

  async function rotateDatabase(database: Stage['databases'][number]): Promise<void> {
    const random = new Random(seed, `rotations of ${database.name}`)
    while (await pause(random, 2_000, 6_000)) {
      await stage.rotate(database, error => {
        failedAttempts += 1
        lastError = error
      })
      rotations += 1
    }
  }

  const all = Promise.all([moveKeys(), ...stage.databases.map(rotateDatabase)])
  return {
    get rotations() {
      return rotations
    },
    get failedAttempts() {
      return failedAttempts
    },
    async stop() {
      over.abort()
      return Promise.race([all.then(() => true), sleep(succeedsWithinMs, undefined, { ref: false }).then(() => lastError)])
    },
  }
}
