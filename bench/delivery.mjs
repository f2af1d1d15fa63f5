// From the delivery of an event to the new value: what is added to the load and to the bare transport.
import { verify as cryptoVerify } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { SecretCache } from 'awscurrent'
import { createSnsHandler, verifySnsMessage } from 'awscurrent/sns'
import { listenToQueue } from 'awscurrent/sqs'
import { FakeSecretsManager, ManualClock } from 'awscurrent/testing'
import { median, round, showFigure, showTable } from './support/report.mjs'
import { importSource } from './support/source.mjs'

const rounds = 200
const secretId = 'prod/db'
const { parseRotationEvents } = await importSource('src/core/rotations/parse-rotation-events.ts')
const sns = await importSource('test/support/signed-messages.ts')
const clock = { now: () => sns.publishedAt }

function newFake() {
  const fake = new FakeSecretsManager({ secrets: { [secretId]: 'first' } })
  fake.inject({ delayMs: 5 })
  return fake
}

/** The medians, in microseconds, of what is done over and over, in turns. */
function microsecondsOf(...works) {
  const times = works.map(() => [])
  for (let batch = 0; batch < 60; batch += 1) {
    for (const [n, work] of works.entries()) {
      const startedAt = performance.now()
      for (let run = 0; run < 3_000; run += 1) work()
      times[n].push((performance.now() - startedAt) / 3)
    }
  }
  return times.map(median)
}

/** As `microsecondsOf`, of what is done asynchronously. */
async function microsecondsOfAsync(...works) {
  const times = works.map(() => [])
  for (let batch = 0; batch < 60; batch += 1) {
    for (const [n, work] of works.entries()) {
      const startedAt = performance.now()
      for (let run = 0; run < 300; run += 1) await work()
      times[n].push((performance.now() - startedAt) / 0.3)
    }
  }
  // The first batches run code that is not compiled yet.
  return times.map(each => median(each.slice(20)))
}

const rows = []
function row(what, microseconds) {
  rows.push({ what, 'µs, median': round(microseconds) })
  return microseconds
}

// The parser.
const eventText = JSON.stringify(newFake().rotate(secretId))
const [parseOnly, parser] = microsecondsOf(
  () => JSON.parse(eventText),
  () => parseRotationEvents(eventText, { versionStage: 'AWSCURRENT' }),
)
row('JSON.parse of a native event', parseOnly)
row('the parser, of the same text', parser)

// Verification with a certificate that is there.
const fields = sns.notification(eventText)
const message = sns.signed(fields)
const signedText = Buffer.from(
  Object.keys(fields)
    .sort()
    .map(name => `${name}\n${fields[name]}\n`)
    .join(''),
)
const signature = Buffer.from(message.Signature, 'base64')
const rules = { topicArns: [sns.topicArn], fetchCertificate: async () => sns.certificate, clock }
await verifySnsMessage(message, rules)
const [bareVerify, ownVerify] = await microsecondsOfAsync(
  async () => cryptoVerify('RSA-SHA256', signedText, sns.signer.publicKey, signature),
  () => verifySnsMessage(message, rules),
)
row('bare crypto.verify with a kept key', bareVerify)
row('verifySnsMessage with a warm certificate', ownVerify)

// Over HTTP.
async function listening(handler) {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const agent = new Agent({ keepAlive: true })
function post(server, body) {
  return new Promise((resolve, reject) => {
    const sent = request(
      { port: server.address().port, host: '127.0.0.1', method: 'POST', agent, headers: { 'content-type': 'text/plain' } },
      response => {
        response.resume().on('end', resolve)
      },
    )
    sent.on('error', reject).end(body)
  })
}

/** How long the new value takes to be readable after `deliver`, and how long a load alone takes, in turns. */
async function deliveries(fake, cache, deliver, bare) {
  const times = { delivery: [], load: [], bare: [] }
  for (let turn = 0; turn < rounds; turn += 1) {
    // A secret of its own for each turn: the bucket of forced loads of one refills once a second.
    const secretId = `prod/db-${turn}`
    fake.create(secretId, 'first')
    await cache.getSecretString(secretId)

    let at = performance.now()
    await fake.source().get({ secretId }, { signal: new AbortController().signal })
    times.load.push(performance.now() - at)

    const finish = await bare()
    at = performance.now()
    await finish()
    times.bare.push(performance.now() - at)

    const event = fake.rotate(secretId)
    const seen = new Promise(resolve => {
      const stop = cache.on('rotated', () => {
        stop()
        resolve(performance.now())
      })
    })
    const send = await deliver(event)
    at = performance.now()
    await send()
    times.delivery.push((await seen) - at)
  }
  return { delivery: median(times.delivery) * 1_000, load: median(times.load) * 1_000, bare: median(times.bare) * 1_000 }
}

const httpFake = newFake()
const httpCache = new SecretCache({ source: httpFake.source() })
await httpCache.getSecretString(secretId)
const webhook = await listening(createSnsHandler(httpCache, rules))
const echo = await listening((incoming, response) => incoming.resume().on('end', () => response.end()))
const body = JSON.stringify(message)
const http = await deliveries(
  httpFake,
  httpCache,
  event => {
    const text = JSON.stringify(sns.signed(sns.notification(JSON.stringify(event))))
    return () => void post(webhook, text)
  },
  async () => () => post(echo, body),
)
row('a load', http.load)
row('a bare HTTP round trip', http.bare)
row('from a POST of SNS to the new value', http.delivery)

// Over SQS: its API is one HTTP request that is answered when there is a message.
class Queue {
  #waiting

  async open() {
    this.server = await listening((incoming, response) => {
      incoming.resume()
      this.#waiting = response
    })
    return this
  }

  receive() {
    return new Promise((resolve, reject) => {
      request({ port: this.server.address().port, host: '127.0.0.1', agent }, response => {
        let text = ''
        response.on('data', chunk => {
          text += chunk
        })
        response.on('end', () => resolve(JSON.parse(text)))
      })
        .on('error', reject)
        .end()
    })
  }

  /** Resolves once somebody waits for a message. */
  async polled() {
    while (this.#waiting === undefined) await new Promise(resolve => setImmediate(resolve))
  }

  deliver(text) {
    const response = this.#waiting
    this.#waiting = undefined
    response.end(JSON.stringify({ Messages: [{ MessageId: 'm', ReceiptHandle: 'r', Body: text }] }))
  }
}

const queue = await new Queue().open()
const bareQueue = await new Queue().open()
const sqsFake = newFake()
const sqsCache = new SecretCache({ source: sqsFake.source() })
await sqsCache.getSecretString(secretId)
const client = { send: async command => (command.constructor.name === 'ReceiveMessageCommand' ? queue.receive() : {}) }
const listener = await listenToQueue(sqsCache, { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/bench', client })
await new Promise(resolve => setTimeout(resolve, 1_500))
const sqs = await deliveries(
  sqsFake,
  sqsCache,
  async event => {
    await queue.polled()
    return () => queue.deliver(JSON.stringify(event))
  },
  async () => {
    const received = bareQueue.receive()
    await bareQueue.polled()
    return async () => {
      bareQueue.deliver(eventText)
      await received
    }
  },
)
row('a bare receive', sqs.bare)
row('from a message in the queue to the new value', sqs.delivery)

showTable(`Delivery (a load takes ${round(http.load / 1_000)} ms here)`, rows, { of: 'µs, median', log: true })
showFigure('the parser over JSON.parse', parser / parseOnly, 2, '×')
showFigure('verification over bare crypto.verify', ownVerify / bareVerify, 1.5, '×')
showFigure('what HTTP delivery adds to a load, over a bare round trip', (http.delivery - http.load) / http.bare, 1.5, '×')
showFigure('what SQS delivery adds to a load, over a bare receive', (sqs.delivery - sqs.load) / sqs.bare, 1.5, '×')

// A flood.
const floodClock = new ManualClock()
const names = Array.from({ length: 1_000 }, (_, n) => `s/${n}`)
const flooded = new FakeSecretsManager({ clock: floodClock, secrets: Object.fromEntries(names.map(name => [name, 'value'])) })
const floodCache = new SecretCache({ source: flooded.source(), clock: floodClock, ttlMs: 86_400_000 })
for (const name of names) await floodCache.getSecretString(name)
const events = names.map(name => flooded.rotate(name))
flooded.inject({ answer: 'old' })
flooded.resetCalls()
globalThis.gc()
const heapBefore = process.memoryUsage().heapUsed
const seconds = 20
for (let second = 0; second < seconds; second += 1) {
  for (let n = 0; n < 5_000; n += 1) {
    const event = events[n % 1_000]
    void floodCache.handleRotationEvent({ ...event, id: `${second}-${n}` })
  }
  await floodClock.advance(1_000)
}
await floodClock.advance(10_000)
const floodCalls = flooded.count()
flooded.resetCalls()
globalThis.gc()
showFigure('calls for 100,000 events about 1,000 secrets in 20 s, for each secret', floodCalls / 1_000, 5 + seconds + 10)
showFigure('heap that they leave', Math.max(0, process.memoryUsage().heapUsed - heapBefore) / 1e6, 1, ' MB')

void listener.close()
process.exit()
