// Two pools, one rotation after the other, in front of your eyes: npm run demo
import { setTimeout as sleep } from 'node:timers/promises'
import { SecretCache } from 'awscurrent'
import { createPool } from 'awscurrent/pg'
import pg from 'pg'
import { readOptions, usage } from './options.js'
import { openPlainPool } from './plain-pool.js'
import { type Picture, Screen } from './screen.js'
import { startSide } from './side.js'
import { setStage } from './stage.js'

// The SDK recommends a newer Node on standard error, in the middle of the picture.
process.removeAllListeners('warning')

const options = readOptions(process.argv.slice(2))
if (options === undefined) {
  console.error(usage)
  process.exit(2)
}
const { seconds, strategy, windowSeconds } = options
const totalMs = seconds * 1_000
const ttlMs = 20_000
const rotationEveryMs = 7_000
// Connections that come and go, as in every service that is deployed, scaled or idle now and then.
const poolOptions = { max: 10, maxLifetimeSeconds: 3, connectionTimeoutMillis: 10_000 }

const versions: string[] = []
const versionName = (versionId: string): string => {
  if (!versions.includes(versionId)) versions.push(versionId)
  return `v${versions.indexOf(versionId) + 1}`
}

console.log('Starting PostgreSQL and a fake Secrets Manager …')
const stage = await setStage(options, what => screen.tell(what))
const { host, port, ca } = stage.database

const screen = new Screen()
const secrets = new SecretCache({ client: stage.newClient(), ttlMs })
await stage.subscribe(secrets)
let ourVersion = ''
const ourPool = createPool(pg, { cache: secrets, secretId: 'prod/db', ssl: { ca }, ...poolOptions })
ourPool.on('credentials', ({ versionId, pending }) => {
  ourVersion = versionId
  screen.tell(`awscurrent logs in with ${versionName(versionId)}${pending ? ', which is still AWSPENDING' : ''}`)
})
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
  elapsedMs: screen.elapsedMs,
  totalMs,
  sides,
  versionName,
})
const drawing = setInterval(() => screen.draw(picture()), process.stdout.isTTY ? 250 : 1_000)

let rotations = 0
for (let next = 3_000; next < totalMs - windowSeconds * 1_000 - 3_000; next += rotationEveryMs + windowSeconds * 1_000) {
  await sleep(Math.max(0, next - screen.elapsedMs))
  await stage.rotate()
  rotations += 1
}
await sleep(Math.max(0, totalMs - screen.elapsedMs))

await Promise.all(sides.map(side => side.stop()))
clearInterval(drawing)
screen.end(picture())
const failed = sides[0]?.failures ?? 0
console.log(
  failed === 0
    ? `  ${rotations} ${rotations === 1 ? 'rotation' : 'rotations'}, and no query of awscurrent failed.`
    : `  awscurrent failed ${failed} queries: a defect.`,
)
await Promise.all([ourPool.end(), plain.pool.end()])
await secrets.close()
await stage.close()
process.exitCode = failed === 0 ? 0 : 1
