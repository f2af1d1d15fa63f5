// Reading a hundred parameters before traffic comes, the service 25 ms away, over HTTP and with the real SDK; and what a hit costs in a cache
// that reads secrets and parameters.
import { GetParametersCommand } from '@aws-sdk/client-ssm'
import { SecretCache } from 'awscurrent'
import { routedSource, ssmSource } from 'awscurrent/ssm'
import { do_not_optimize, measure } from 'mitata'
import { interleave, median, medianRatio, round, showFigure, showTable } from './support/report.mjs'
import { instantSource, startParameterStore } from './support/service.mjs'
import { showWarmup } from './support/warmup-times.mjs'

const names = Array.from({ length: 100 }, (_, n) => `/prod/parameter-${n}`)
const service = await startParameterStore(Object.fromEntries(names.map(name => [name, name.padEnd(200, '.')])))
await service.inject({ delayMs: 25 })
const client = service.makeClient()
const batches = Array.from({ length: 10 }, (_, n) => names.slice(n * 10, n * 10 + 10))
const getBatch = batch => client.send(new GetParametersCommand({ Names: batch, WithDecryption: true }))

const byHand = 'ten GetParameters by hand, all at once'
const ways = {
  [byHand]: () => Promise.all(batches.map(getBatch)),
  'awscurrent warmup': () => new SecretCache({ source: ssmSource({ client }) }).warmup(names),
}
await showWarmup('100 parameters', service, ways, { ours: 'awscurrent warmup', byHand })

const id = '/prod/parameter-0'
const plain = new SecretCache({ source: instantSource, ttlMs: 3_600_000 })
const routed = new SecretCache({ source: routedSource({ secrets: instantSource, parameters: instantSource }), ttlMs: 3_600_000 })
if ((await plain.getSecretString(id)) !== (await routed.getSecretString(id))) throw new Error('A cache is empty.')
service.stop()

/** Hits in one go: mitata's own await for each measurement costs more than a hit. A loop each: a shared one would not be inlined. */
const hits = 1_000
const hitOfPlain = 'awscurrent, one source'
const hitOfRouted = 'awscurrent, routedSource'
const loops = {
  [hitOfPlain]: async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await plain.getSecretString(id))
  },
  [hitOfRouted]: async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await routed.getSecretString(id))
  },
}
const measured = Object.entries(loops).map(([what, loop]) => [
  what,
  async () => (await measure(loop, { min_cpu_time: 50e6 })).p50 / hits,
])
const ns = await interleave(15, Object.fromEntries(measured))
showTable(
  'One awaited hit of a parameter',
  Object.entries(ns).map(([what, values]) => ({ what, ns: round(median(values)) })),
)
showFigure('routedSource over one source', medianRatio(ns[hitOfRouted], ns[hitOfPlain]), 1.05, '×')
process.exit()
