// What a cached secret of 200 bytes keeps in memory, over what a Map keeps.
import { randomUUID } from 'node:crypto'
import { SecretCache } from 'awscurrent'
import { round, showFigure, showTable } from './support/report.mjs'

const count = 50_000

/** JSON of 200 bytes. */
function secretText(n) {
  const head = `{"username":"user-${n}","password":"`
  return `${head}${'x'.repeat(198 - head.length)}"}`
}

/** As an answer comes from the wire: every string of its own, in one piece. */
function answer(secretId) {
  const n = Number(secretId.split('-')[1])
  const fields = {
    arn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${secretId}-${(n + 1e8).toString(36).slice(0, 6).padEnd(6, 'a')}`,
    name: secretId,
    versionId: randomUUID(),
    versionStages: ['AWSCURRENT'],
    string: secretText(n),
  }
  return { ...JSON.parse(JSON.stringify(fields)), createdDate: new Date() }
}

function heap() {
  for (let run = 0; run < 6; run += 1) globalThis.gc()
  return process.memoryUsage().heapUsed
}

async function bytesEach(fill) {
  const before = heap()
  const kept = await fill()
  const bytes = (heap() - before) / count
  return kept === undefined ? 0 : bytes
}

const ids = Array.from({ length: count }, (_, n) => `prod/secret-${n}`)
const textMap = await bytesEach(async () => new Map(ids.map(id => [id, answer(id).string])))
const jsonMap = await bytesEach(
  async () =>
    new Map(
      ids.map(id => {
        const text = answer(id).string
        return [id, { text, json: JSON.parse(text) }]
      }),
    ),
)

async function filledCache(read) {
  const cache = new SecretCache({ source: { get: async ({ secretId }) => answer(secretId) }, maxEntries: count })
  for (const id of ids) await read(cache, id)
  return cache
}
const text = await bytesEach(() => filledCache((cache, id) => cache.getSecretString(id)))
const json = await bytesEach(() =>
  filledCache(async (cache, id) => {
    await cache.getSecretString(id)
    await cache.getSecretJson(id)
  }),
)

showTable(
  'Bytes of heap for each of 50,000 secrets of 200 bytes',
  [
    { what: 'Map of texts', bytes: round(textMap) },
    { what: 'Map of texts with their parsed JSON', bytes: round(jsonMap) },
    { what: 'awscurrent, read as text', bytes: round(text) },
    { what: 'awscurrent, read as text and as JSON', bytes: round(json) },
  ],
  { of: 'bytes' },
)
showFigure("read as text, over a Map's", text - textMap, 700, ' B')
showFigure("read as JSON too, over a Map's that keeps text and JSON", json - jsonMap, 1_000, ' B')
showFigure("read as JSON too, over a Map's that keeps text only", json - textMap, 1_000, ' B')

const small = new SecretCache({ source: { get: async ({ secretId }) => answer(secretId) } })
for (let n = 0; n < 100_000; n += 1) await small.getSecretString(`flood-${n}`)
const early = heap()
for (let n = 100_000; n < 1_000_000; n += 1) await small.getSecretString(`flood-${n}`)
showFigure('growth over 900,000 more ids in a cache of 1,024', Math.max(0, heap() - early) / 1e6, 0.5, ' MB')
if (small.stats().entries !== 1_024) throw new Error('The cache holds more than it may.')
