// What a hit leaves to the garbage collector, over what the floor leaves.
import { SecretCache } from 'awscurrent'
import { round, showFigure, showTable } from './support/report.mjs'
import { instantSource, secretId } from './support/service.mjs'

const cache = new SecretCache({ source: instantSource, ttlMs: 3_600_000 })
const kept = Promise.resolve(await cache.getSecretString(secretId))
await cache.getSecretJson(secretId)
await cache.getSecret(secretId)
const expiresAt = Date.now() + 86_400_000

const reads = {
  floor: () => (Date.now() < expiresAt ? kept : Promise.resolve('')),
  'awscurrent, text': () => cache.getSecretString(secretId),
  'awscurrent, JSON': () => cache.getSecretJson(secretId),
  'awscurrent, Secret': () => cache.getSecret(secretId),
}

/** So few hits at a time that no collection comes between: it would hide what they left. */
const turns = 40
const hitsATurn = 25_000

function growth(read) {
  let bytes = 0
  for (let turn = 0; turn < turns; turn += 1) {
    globalThis.gc()
    const before = process.memoryUsage().heapUsed
    for (let hit = 0; hit < hitsATurn; hit += 1) read()
    bytes += process.memoryUsage().heapUsed - before
  }
  return bytes / turns / hitsATurn
}

async function awaitedGrowth(read) {
  let bytes = 0
  for (let turn = 0; turn < turns; turn += 1) {
    globalThis.gc()
    const before = process.memoryUsage().heapUsed
    for (let hit = 0; hit < hitsATurn; hit += 1) await read()
    bytes += process.memoryUsage().heapUsed - before
  }
  return bytes / turns / hitsATurn
}

const bytes = {}
for (const [what, read] of Object.entries(reads)) {
  // The first round compiles.
  growth(read)
  await awaitedGrowth(read)
  bytes[what] = { called: growth(read), awaited: await awaitedGrowth(read) }
}
const rows = Object.entries(bytes).map(([what, { called, awaited }]) => ({
  what,
  'bytes, called': round(called),
  'bytes, awaited': round(awaited),
}))
showTable('Heap for each of a million hits', rows)
for (const what of ['awscurrent, text', 'awscurrent, JSON']) {
  for (const how of ['called', 'awaited'])
    showFigure(`${what}, ${how}, over the floor`, bytes[what][how] - bytes.floor[how], 1, ' B')
}
