// Two pools, one rotation after the other, in front of your eyes: npm run demo
import { setTimeout as sleep } from 'node:timers/promises'
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import pg from 'pg'
import { pressWith } from './buttons.js'
import { Live } from './live.js'
import { readOptions, usage } from './options.js'
import { PageServer } from './page-server.js'
import { openPlainPool } from './plain-pool.js'
import { type Picture, Screen } from './screen.js'
import { startSide } from './side.js'
import { setStage } from './stage.js'
import type { Strategy } from './state.js'
import { tellOf } from './tell-of.js'

// The SDK recommends a newer Node on standard error, in the middle of the picture.
process.removeAllListeners('warning')

const options = readOptions(process.argv.slice(2))
if (options === undefined) {
  console.error(usage)
  process.exit(2)
}
const { seconds, strategy, windowSeconds } = options
const totalMs = seconds * 1_000
const longestMs = Math.max(totalMs, 3_600_000)
const ttlMs = 20_000
const stepMs = 7_000 + windowSeconds * 1_000
// A browser that loads the page again is back by then.
const reloadMs = 5_000
// Connections that come and go, as in every service that is deployed, scaled or idle now and then.
const poolOptions = { max: 10, maxLifetimeSeconds: 3, connectionTimeoutMillis: 10_000 }

const page = await openPage(options.port)
let interrupted = false
// A terminal sends it to everybody, and tsx passes it on once more.
for (const signal of ['SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true
  })
}

const versions: string[] = []
const versionName = (versionId: string): string => {
  if (!versions.includes(versionId)) versions.push(versionId)
  return `v${versions.indexOf(versionId) + 1}`
}

console.log('Starting PostgreSQL and a fake Secrets Manager …')
const stage = await setStage(options, tell)
const { host, port, ca } = stage.database

const screen = new Screen()
const log: string[] = []
function tell(what: string): void {
  const line = screen.tell(what)
  log.push(line)
  log.splice(0, log.length - 100)
  page?.send('log', line)
}

const secrets = new SecretCache({ client: stage.newClient(), ttlMs })
await stage.subscribe(secrets)
let ourVersion = ''
const ourPool = createPool(pg, { cache: secrets, secretId: 'prod/db', ssl: { ca }, ...poolOptions })
ourPool.on('credentials', ({ versionId }) => {
  ourVersion = versionId
})
tellOf(ourPool, secrets, versionName, tell)
const plain = openPlainPool(stage.newClient(), { ttlMs, host, port, database: 'postgres', ssl: { ca }, ...poolOptions })

// The first login of the pool is told after its connection, whose version it is.
await ourPool.query('SELECT 1')
const sides = [
  startSide('awscurrent/pg', ourPool, () => ourVersion),
  startSide(`pg over a cache with a TTL of ${ttlMs / 1_000} s`, plain.pool, plain.versionId),
]
const picture = (): Picture => ({
  title: strategy === 'single-user' ? 'one user, a new password each time' : 'two users that take turns',
  details: `PostgreSQL on port ${port} · Secrets Manager on ${stage.endpoint} · window ${windowSeconds} s`,
  page: page?.url,
  elapsedMs: screen.elapsedMs,
  totalMs,
  sides,
  versionName,
})
const drawing = setInterval(() => screen.draw(picture()), process.stdout.isTTY ? 250 : 1_000)
if (!process.stdout.isTTY && page !== undefined) console.log(`Live page: ${page.url}`)

let [rotations, failedRotations, troubled] = [0, 0, false]
async function rotate(how: Strategy): Promise<void> {
  try {
    await stage.rotate(how)
    rotations += 1
  } catch (error) {
    failedRotations += 1
    tell(`the rotation failed: ${(error as Error).message}`)
  }
}

const live = new Live({ sides, stage, versionName }, state => page?.send('state', state))
page?.show({
  history: () => ({ samples: live.samples, log }),
  press: pressWith(stage, rotate, () => {
    troubled = true
  }),
})

// Who watches the page has its buttons; otherwise the rotations come by themselves.
let [next, watchedUntilMs] = [3_000, 0]
while (!interrupted && screen.elapsedMs < longestMs) {
  await sleep(100)
  const { elapsedMs } = screen
  if ((page?.watchers ?? 0) > 0) watchedUntilMs = elapsedMs + reloadMs
  const watched = elapsedMs < watchedUntilMs
  if (elapsedMs >= totalMs && !watched && stage.rotation === undefined) break
  if (elapsedMs < next) continue
  const endsInTime = next < totalMs - windowSeconds * 1_000 - 3_000
  while (next <= elapsedMs) next += stepMs
  if (endsInTime && !watched && stage.rotation === undefined && !stage.troubles.stopRotations) await rotate(strategy)
}

live.stop()
page?.send('end', 'The demo is over: npm run demo starts it again.')
await page?.close()
await Promise.all(sides.map(side => side.stop()))
clearInterval(drawing)
const failed = sides[0]?.failures ?? 0
const isDefect = (failed > 0 || failedRotations > 0) && !troubled && !interrupted
// A terminal interrupts PostgreSQL, too: what failed since then proves nothing.
if (interrupted) console.log('Interrupted.')
else {
  screen.end(picture())
  const count = `${rotations} ${rotations === 1 ? 'rotation' : 'rotations'}`
  if (failed === 0) console.log(`  ${count}, and no query of awscurrent failed.`)
  else console.log(`  ${count}; awscurrent failed ${failed} queries${isDefect ? ': a defect' : ''}.`)
}
await Promise.all([ourPool.end(), plain.pool.end()])
await secrets.close()
await stage.close()
process.exitCode = isDefect ? 1 : 0

async function openPage(wanted: number | undefined): Promise<PageServer | undefined> {
  if (wanted === undefined) return undefined
  try {
    return await PageServer.listen(wanted)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'EADDRINUSE' ? `Port ${wanted} is in use` : message
    console.error(`${reason}: name another with --port, or leave --port out for a free one.`)
    process.exit(2)
  }
}
