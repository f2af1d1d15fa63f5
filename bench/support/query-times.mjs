import { performance } from 'node:perf_hooks'
import { interleave, median, medianRatio, percentile, round } from './report.mjs'

/** Which core the server's process of a connection wakes up on makes its queries twice as slow or not, for as long as it lives: so new pools in each round. */
const rounds = 24
const turns = 50
const queriesATurn = 20

/** Microseconds of a query: the whole turn by the number of its queries. */
async function timed(pool, atOnce) {
  const startedAt = performance.now()
  for (let n = 0; n < queriesATurn; n += atOnce) await Promise.all(Array.from({ length: atOnce }, () => pool.query('select 1')))
  return ((performance.now() - startedAt) / queriesATurn) * 1_000
}

/**
 * Times `select 1` through pools of ten, one at a time and ten at once.
 *
 * @param {() => Promise<{ bare: object, following: object }>} open Opens the two pools of a round.
 * @returns For each way to query: its name, the rows of the two pools, and by how many percent the second one is slower.
 */
export async function timeQueries(open) {
  const times = new Map([1, 10].map(atOnce => [atOnce, { bare: [], following: [], ratios: [] }]))
  for (let n = 0; n < rounds; n += 1) {
    const pools = await open()
    for (const pool of Object.values(pools)) for (let turn = 0; turn < 10; turn += 1) await timed(pool, 10)
    for (const [atOnce, { bare, following, ratios }] of times) {
      const measured = await interleave(turns, {
        bare: () => timed(pools.bare, atOnce),
        following: () => timed(pools.following, atOnce),
      })
      bare.push(...measured.bare)
      following.push(...measured.following)
      ratios.push(medianRatio(measured.following, measured.bare))
    }
    for (const pool of Object.values(pools)) await pool.end()
  }
  return Array.from(times, ([atOnce, { bare, following, ratios }]) => {
    const way = atOnce === 1 ? 'one at a time' : `${atOnce} at once`
    const rows = [rowOf(`${way}: the bare pool`, bare), rowOf(`${way}: a pool that follows`, following)]
    return { way, rows, percent: (median(ratios) - 1) * 100 }
  })
}

function rowOf(what, values) {
  return {
    what,
    'µs a query': round(median(values)),
    p25: round(percentile(values, 0.25)),
    p75: round(percentile(values, 0.75)),
  }
}
