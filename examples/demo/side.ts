import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

const workers = 20

/** One of the two that are compared: a pool, its workers and what came of their queries. */
export interface Side {
  readonly name: string
  readonly queries: number
  readonly failures: number
  /** The codes of the errors, by how often they came. */
  readonly errors: ReadonlyMap<string, number>
  /** How many connections there are, by the version that they logged in with. */
  connections(): ReadonlyMap<string, number>
  /** Ends the load; resolves when the last query is over. */
  stop(): Promise<void>
}

/** Puts load on a pool: queries and transactions. `versionId` tells what new connections log in with. */
export function startSide(name: string, pool: pg.Pool, versionId: () => string): Side {
  let [queries, failures, over] = [0, 0, false]
  const errors = new Map<string, number>()
  const open = new Map<object, string>()
  pool.on('connect', client => open.set(client, versionId()))
  pool.on('remove', client => open.delete(client))

  async function transaction(): Promise<void> {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await client.query('SELECT pg_sleep(0.02)')
      await client.query('COMMIT')
      client.release()
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  async function work(worker: number): Promise<void> {
    for (let turn = worker; !over; turn += 1) {
      try {
        if (turn % 10 === 0) await transaction()
        else await pool.query('SELECT $1::int AS turn', [turn])
        queries += 1
      } catch (error) {
        failures += 1
        // Errors of the driver have a code, and those of AWS a name.
        const { code = (error as Error).name } = error as { code?: string }
        errors.set(code, (errors.get(code) ?? 0) + 1)
      }
      // Both sides have the same time to think, also after a failure.
      await sleep(10)
    }
  }

  const load = Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  return {
    name,
    get queries() {
      return queries
    },
    get failures() {
      return failures
    },
    errors,
    connections() {
      const counts = new Map<string, number>()
      for (const version of open.values()) counts.set(version, (counts.get(version) ?? 0) + 1)
      return counts
    },
    async stop() {
      over = true
      await load
    },
  }
}
