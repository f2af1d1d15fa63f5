// What connections cost a pool that follows a secret: opening twenty, on this machine and 20 ms away, and what each keeps in memory.
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { SecretCache } from 'awscurrent'
import { FakeSecretsManager } from 'awscurrent/testing'
import { startDelayedWay } from './support/delayed-way.mjs'
import { drivers, fill } from './support/pool-drivers.mjs'
import { interleave, median, medianRatio, round, showFigure, showTable } from './support/report.mjs'

const secretId = 'prod/db'
const connections = 20
const gates = [2, 4, 20]
const turns = 7
const roundTripMs = 20
const [rounds, kept] = [5, 30]

/** A cache that has the secret. */
async function cacheOf(user) {
  const cache = new SecretCache({ client: new FakeSecretsManager({ secrets: { [secretId]: user } }).client() })
  await cache.getSecret(secretId)
  return cache
}

async function opening(driver, server, port) {
  const user = { ...(await server.makeUser()), port }
  const cache = await cacheOf(user)
  const options = { ...driver.sized(connections), ssl: { ca: server.ca } }
  const timed = async pool => {
    const startedAt = performance.now()
    await fill(driver, pool, connections)
    const tookMs = performance.now() - startedAt
    await pool.end()
    return tookMs
  }
  const ways = { bare: () => timed(driver.bare({ ...driver.address(user), ...options })) }
  for (const loginsAtOnce of gates)
    ways[loginsAtOnce] = () => timed(driver.following({ cache, secretId, loginsAtOnce, ...options }))
  for (const way of Object.values(ways)) await way()
  const times = await interleave(turns, ways)
  await cache.close()
  return times
}

const rows = []
const overheads = []
function showTimes(where, times) {
  rows.push({ what: `${where}: the bare pool`, ms: round(median(times.bare)), 'over the bare pool': 1 })
  for (const loginsAtOnce of gates) {
    const what = `${where}: loginsAtOnce ${loginsAtOnce}`
    const over = medianRatio(times[loginsAtOnce], times.bare)
    rows.push({ what, ms: round(median(times[loginsAtOnce])), 'over the bare pool': round(over) })
    // One goes first, and then as many at a time: no more than that may it cost.
    overheads.push({ what: `${what}, over the bare pool`, over, goal: 1 + Math.ceil((connections - 1) / loginsAtOnce) })
  }
}

function heap() {
  for (let run = 0; run < 6; run += 1) globalThis.gc()
  return process.memoryUsage().heapUsed
}

/** Bytes that a pool keeps for each connection. */
async function bytesEach(driver, pool) {
  await fill(driver, pool, 1)
  const before = heap()
  await fill(driver, pool, kept)
  // What a login leaves behind for a moment is not kept.
  await sleep(50)
  const bytes = (heap() - before) / (kept - 1)
  await pool.end()
  return bytes
}

async function memory(driver, server) {
  const user = await server.makeUser()
  const cache = await cacheOf(user)
  // TLS keeps buffers that come and go.
  const options = driver.sized(kept)
  const ways = {
    bare: () => bytesEach(driver, driver.bare({ ...driver.address(user), ...options })),
    following: () => bytesEach(driver, driver.following({ cache, secretId, loginsAtOnce: kept, ...options })),
  }
  for (const way of Object.values(ways)) await way()
  const bytes = await interleave(rounds, ways)
  await cache.close()
  return bytes
}

const memoryRows = []
const extra = []
for (const [name, driver] of Object.entries(drivers)) {
  const server = await driver.start()
  const { port } = server.masterSecret()
  showTimes(`${name}, loopback`, await opening(driver, server, port))
  const way = await startDelayedWay(port, { roundTripMs })
  showTimes(`${name}, ${roundTripMs} ms away`, await opening(driver, server, way.port))
  way.close()
  const { bare, following } = await memory(driver, server)
  memoryRows.push({ what: `${name}: the bare pool`, bytes: round(median(bare)) })
  memoryRows.push({ what: `${name}: a pool that follows`, bytes: round(median(following)) })
  extra.push([name, median(following.map((value, turn) => value - bare[turn]))])
  await server.stop()
}
showTable(`Opening ${connections} connections at once`, rows, { of: 'ms' })
for (const { what, over, goal } of overheads) showFigure(what, over, goal, '×')
showTable('Bytes of heap of a pooled connection', memoryRows)
for (const [name, bytes] of extra) showFigure(`${name}: over the bare pool's`, bytes, 2_000, ' B')
process.exit()
