// What following a secret costs a pool: single queries beside the bare driver, and the move of fifty connections to new credentials.
import { performance } from 'node:perf_hooks'
import { SecretCache } from 'awscurrent'
import { createRotationHandler } from 'awscurrent/rotation'
import { FakeSecretsManager } from 'awscurrent/testing'
import { drivers, fill } from './support/pool-drivers.mjs'
import { timeQueries } from './support/query-times.mjs'
import { median, round, showFigure, showTable } from './support/report.mjs'

const secretId = 'prod/db'
const connections = 50
const loadMs = 20
const retireSpreadMs = 500

const rows = []
const overheads = {}
async function queries(name, driver, server) {
  const user = await server.makeUser()
  const cache = new SecretCache({ client: new FakeSecretsManager({ secrets: { [secretId]: user } }).client() })
  const options = { ...driver.sized(10), ssl: { ca: server.ca } }
  const measured = await timeQueries(async () => ({
    bare: driver.bare({ ...driver.address(user), ...options }),
    following: driver.following({ cache, secretId, ...options }),
  }))
  for (const {
    way,
    rows: [bare, following],
    percent,
  } of measured) {
    rows.push({ ...bare, what: `${name}, ${bare.what}` }, { ...following, what: `${name}, ${following.what}` })
    overheads[`${name}, ${way}`] = percent
  }
  await cache.close()
}

const moves = []
async function move(name, driver, server) {
  const user = await server.makeUser()
  const secrets = { [secretId]: { ...user, masterarn: 'master' }, master: server.masterSecret() }
  const fake = new FakeSecretsManager({ secrets, rotation: event => rotate(event) })
  const rotate = createRotationHandler({ strategy: 'alternating-users', engine: server.engine(), client: fake.client() })
  const cache = new SecretCache({ client: fake.client() })
  const pool = driver.following({ cache, secretId, retireSpreadMs, ...driver.sized(connections), ssl: { ca: server.ca } })
  const usersOf = { old: user.username, new: `${user.username}_clone` }
  const times = []
  const logins = []
  for (let turn = 0; turn < 6; turn += 1) {
    await fill(driver, pool, connections)
    let event
    const stop = fake.onEvent(moved => {
      event = moved
    })
    const lambda = 'arn:aws:lambda:eu-west-1:123456789012:function:rotate'
    fake.perform('RotateSecret', { SecretId: secretId, RotationLambdaARN: lambda })
    await fake.idle()
    stop()
    const old = turn % 2 === 0 ? usersOf.old : usersOf.new
    fake.inject({ operation: 'GetSecretValue', delayMs: loadMs })
    const current = JSON.parse(fake.perform('GetSecretValue', { SecretId: secretId }).SecretString)
    logins.push(await loginMs(driver, { ...driver.address(current), ssl: { ca: server.ca } }))
    const startedAt = performance.now()
    void cache.handleRotationEvent(event)
    while ((await server.sessions([old])).length > 0);
    times.push(performance.now() - startedAt)
    fake.recover()
    await pool.query('select 1')
  }
  await pool.end()
  await cache.close()
  moves.push({
    what: name,
    'ms, median': round(median(times)),
    'ms, longest': round(Math.max(...times)),
    'ms of a login': round(median(logins)),
    'goal, ms': round(retireSpreadMs + 2 * (loadMs + median(logins))),
  })
}

async function loginMs(driver, options) {
  const pool = driver.bare({ ...options, ...driver.sized(1) })
  const startedAt = performance.now()
  const connection = await driver.hold(pool)
  const tookMs = performance.now() - startedAt
  connection.release()
  await pool.end()
  return tookMs
}

for (const [name, driver] of Object.entries(drivers)) {
  const server = await driver.start()
  await queries(name, driver, server)
  await move(name, driver, server)
  await server.stop()
}
showTable('select 1 through a pool', rows, { of: 'µs a query' })
for (const [way, percent] of Object.entries(overheads)) showFigure(`${way}: over the bare pool`, percent, 5, ' %')
showTable(`From the event to the last of ${connections} connections renewed; a load takes ${loadMs} ms`, moves)
for (const { what, 'ms, median': ms, 'goal, ms': goal } of moves) showFigure(what, ms, goal, ' ms')
process.exit()
