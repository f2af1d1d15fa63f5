// What it costs to find a key by a known id: a verifier does so for each token. No service is asked.

import { SecretCache } from 'awscurrent/cache'
import { createKeyring } from 'awscurrent/keyring'
import { do_not_optimize, measure } from 'mitata'
import { interleave, median, round, showFigure, showTable } from './support/report.mjs'

const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/session-AbCdEf'
const kids = { AWSCURRENT: '9d4f7c1e-2b3a-4c5d-8e6f-0a1b2c3d4e5f', AWSPREVIOUS: '1b2c3d4e-5f60-4718-92a3-b4c5d6e7f809' }
const createdDate = new Date(Date.now() - 3_600_000)
const source = {
  async get({ versionStage }) {
    const string = versionStage.padEnd(32, '-')
    return { arn, name: 'prod/session', versionId: kids[versionStage], versionStages: [versionStage], createdDate, string }
  },
}
const cache = new SecretCache({ source })
const ring = await createKeyring({ cache, secretId: 'prod/session' })
// Two ids in turn, none of them the very string that the keyring holds: a token's is parsed from its header.
const [one, other] = JSON.parse(JSON.stringify([kids.AWSCURRENT, kids.AWSPREVIOUS]))
if ((await ring.find(one)) === undefined || (await ring.find(other)) === undefined) throw new Error('A key was not found.')
const map = new Map(await Promise.all(Object.values(kids).map(async kid => [kid, Promise.resolve(await ring.find(kid))])))

/** Look-ups in one go: mitata's own call for each measurement costs more than one of them. */
const lookups = 1_000
const base = 'floor: Map.get of a kept promise'
const loops = {
  [base]: () => {
    for (let lookup = 0; lookup < lookups; lookup += 1) do_not_optimize(map.get(lookup % 2 === 0 ? one : other))
  },
  'awscurrent, find': () => {
    for (let lookup = 0; lookup < lookups; lookup += 1) do_not_optimize(ring.find(lookup % 2 === 0 ? one : other))
  },
}
const awaited = {
  [base]: async () => {
    for (let lookup = 0; lookup < lookups; lookup += 1) do_not_optimize(await map.get(lookup % 2 === 0 ? one : other))
  },
  'awscurrent, find': async () => {
    for (let lookup = 0; lookup < lookups; lookup += 1) do_not_optimize(await ring.find(lookup % 2 === 0 ? one : other))
  },
}

/** Medians of nanoseconds for one look-up. */
async function measureAll(title, timed) {
  const options = { min_cpu_time: 50e6, batch_threshold: 0 }
  const measured = Object.entries(timed).map(([what, loop]) => [what, async () => (await measure(loop, options)).p50 / lookups])
  const times = await interleave(15, Object.fromEntries(measured))
  showTable(
    title,
    Object.entries(times).map(([what, ns]) => ({ what, ns: round(median(ns)) })),
  )
  const overFloor = median(times['awscurrent, find'].map((ns, turn) => ns - times[base][turn]))
  showFigure('awscurrent, find, more than its floor', overFloor, 100, ' ns')
}

await measureAll('One key of a keyring, by a known id', loops)
await measureAll('One key of a keyring, by a known id, awaited', awaited)
ring.close()
await cache.close()
