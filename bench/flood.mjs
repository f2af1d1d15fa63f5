// Up to ten thousand forgeries a second, each of which names another certificate, for ten real seconds; one genuine message is among them.
import { setTimeout as sleep } from 'node:timers/promises'
import { createSnsHandler } from 'awscurrent/sns'
import { round, showFigure, showTable } from './support/report.mjs'
import { importSource } from './support/source.mjs'

const sns = await importSource('test/support/signed-messages.ts')
const perSecond = 10_000
const seconds = 10
/** SNS sends a message again after 20 s, unless the topic's delivery policy says otherwise: here it does, for a flood of ten. */
const againAfterMs = 5_000
const downloadMs = 30
const clock = { now: () => sns.publishedAt + performance.now(), elapsedMs: () => performance.now() }
const genuine = sns.signed(sns.notification('rotated'))

async function setUp({ certificates, isKept }) {
  let downloads = 0
  const fetchCertificate = async url => {
    downloads += 1
    await sleep(downloadMs)
    if (url === sns.certificateUrl) return sns.certificate
    throw Object.assign(new Error('HTTP 404'), { $metadata: { httpStatusCode: 404 } })
  }
  const cache = { handleRotationEvent: async () => [] }
  const handler = createSnsHandler(cache, { topicArns: [sns.topicArn], certificates, fetchCertificate, clock })
  /** As a framework hands over a request whose body it has parsed: sockets would take longer than all else. */
  const send = async body => {
    let status
    const response = { writeHead: sent => (status = sent), end() {} }
    await handler({ method: 'POST', headers: {}, readableDidRead: true, complete: true, body }, response)
    return status
  }
  if (isKept) await send(sns.signed(sns.notification('rotated before')))
  return { send, downloads: () => downloads }
}

let file = 0
function forged() {
  file += 1
  const name = `${Math.random().toString(16).slice(2, 14).padEnd(12, '0')}${String(file).padStart(20, '0')}`
  return { ...genuine, Signature: 'AAAA', SigningCertURL: sns.certificateUrl.replace(/-[0-9a-f]+\.pem$/, `-${name}.pem`) }
}

function heldBytes() {
  gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Sends forgeries in batches of a few milliseconds, and makes up for none that a busy machine has missed; resolves with how many there were. */
async function flood(send) {
  const from = performance.now()
  let sent = 0
  for (let last = from; last - from < seconds * 1_000; ) {
    await sleep(5)
    const dueMs = Math.min(performance.now() - last, 20)
    last = performance.now()
    for (const end = sent + (dueMs * perSecond) / 1_000; sent < end; sent += 1) void send(forged())
  }
  return sent
}

/** How often a message is sent until it is answered by 200, and how long the last answer takes. */
async function deliver(send) {
  for (let deliveries = 1; deliveries <= 4; deliveries += 1) {
    const at = performance.now()
    if ((await send(genuine)) === 200) return { deliveries, ms: performance.now() - at }
    await sleep(againAfterMs - (performance.now() - at))
  }
  return { deliveries: 4, ms: Infinity }
}

async function attack(what, options) {
  const { send, downloads } = await setUp(options)
  const before = heldBytes()
  const flooding = flood(send)
  await sleep(2_000)
  const { deliveries, ms } = await deliver(send)
  const sent = await flooding
  const downloaded = downloads()
  await sleep(6_000)
  const grownMb = (heldBytes() - before) / 2 ** 20
  return {
    'its certificate': what,
    'forgeries a second': Math.round(sent / seconds),
    'sent until 200': deliveries,
    'ms of the last': round(ms),
    downloads: downloaded,
    'MB kept': round(Math.max(0, grownMb)),
  }
}

const rows = [
  await attack('kept', { isKept: true }),
  await attack('listed, and not there yet', { certificates: [sns.certificateUrl] }),
  await attack('new', {}),
]
showTable('A genuine message in a flood of forgeries', rows)
for (const row of rows) {
  const what = `certificate ${row['its certificate']}`
  showFigure(`until the answer 200, ${what}`, row['ms of the last'], 2_000, ' ms')
  showFigure(`downloads in ten seconds, ${what}`, row.downloads, 20)
  showFigure(`memory kept, ${what}`, row['MB kept'], 8, ' MB')
}
process.exit()
