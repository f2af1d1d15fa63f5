// Shows what the cache does for a secret: npm run demo
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseSecret, SecretCache } from 'awscurrent'
import { FakeSecretsManager } from 'awscurrent/testing'
import { milliseconds, showEnd, showEvent, showRow, showTitle } from './screen.js'

// The SDK recommends a newer Node on standard error, in the middle of the picture.
process.removeAllListeners('warning')

const fake = new FakeSecretsManager({
  secrets: { 'prod/db': { username: 'app', password: 'summer-1' }, 'prod/api-key': 'key-1' },
})
const server = await fake.listen()
fake.inject({ delayMs: 25 })

// Nothing here is special to the demo but where the service is: the cache makes its client by these, as it would in production.
Object.assign(process.env, {
  AWS_ENDPOINT_URL_SECRETS_MANAGER: server.endpoint,
  AWS_ACCESS_KEY_ID: 'demo',
  AWS_SECRET_ACCESS_KEY: 'demo',
})
await using secrets = new SecretCache({ region: fake.region, ttlMs: 1_000, ttlJitter: 0 })
secrets.on('rotated', ({ name }) => showEvent(`rotated: ${name} has moved to its new version`))
secrets.on('stale', ({ ageMs, cause }) => showEvent(`stale: serving a value ${milliseconds(ageMs)} old, because ${cause.code}`))

let reads = 0
let failed = 0

async function password(): Promise<string> {
  reads += 1
  try {
    return (await secrets.getSecretJson('prod/db', DatabaseSecret)).password
  } catch (error) {
    failed += 1
    return (error as { code: string }).code
  }
}

/** Times one act of the play and counts its calls. */
async function act(name: string, what: string, play: () => Promise<string>, timesOver = 1): Promise<void> {
  const callsBefore = fake.count()
  const startedAt = performance.now()
  const answer = await play()
  const tookMs = performance.now() - startedAt
  const time = timesOver === 1 ? milliseconds(tookMs) : `${((tookMs / timesOver) * 1e6).toFixed(0)} ns each`
  showRow(name, what, answer, time, fake.count() - callsBefore)
}

showTitle(server.endpoint)

await act('cold', 'the first read loads the SDK and the secret', password)
await act('cold', '1,000 reads of another secret at once', async () => {
  reads += 1_000
  const [first = ''] = await Promise.all(Array.from({ length: 1_000 }, () => secrets.getSecretString('prod/api-key')))
  return first
})
await act(
  'hit',
  '100,000 reads within the TTL',
  async () => {
    for (let read = 1; read < 100_000; read += 1) await password()
    return password()
  },
  100_000,
)

fake.rotate('prod/db', { username: 'app', password: 'autumn-2' })
await act('rotation', 'AWSCURRENT moves; the TTL (1 s) is not over', password)
await act('rotation', 'a login was refused: refreshNow', async () => {
  reads += 1
  return (await secrets.refreshNow('prod/db')).json<DatabaseSecret>().password
})
await act('rotation', 'the next read', password)

fake.inject({ error: 'InternalServiceError' })
await sleep(1_100)
await act('outage', 'the service fails; 300 reads in 3 s', async () => {
  for (let read = 1; read < 300; read += 1) {
    await password()
    await sleep(10)
  }
  return password()
})

fake.recover()
fake.inject({ delayMs: 25 })
fake.rotate('prod/db', { username: 'app', password: 'winter-3' })
await act('recovery', 'it is back, and the secret has moved on', async () => {
  let answer = await password()
  while (answer !== 'winter-3') {
    await sleep(10)
    answer = await password()
  }
  return answer
})

showEnd(failed, reads, fake.count())
await secrets.close()
await server.close()
process.exitCode = failed === 0 ? 0 : 1
