// Logins by tokens of IAM: how many are signed, with how many calls for AWS credentials, and what following them costs a query, an hour of
// load and a cold start.
import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { AuroraDSQLPool } from '@aws/aurora-dsql-node-postgres-connector'
import { DsqlSigner } from '@aws-sdk/dsql-signer'
import { Signer } from '@aws-sdk/rds-signer'
import { dsql, rdsIam } from 'awscurrent/iam'
import { createPool } from 'awscurrent/pg'
import { ManualClock } from 'awscurrent/testing'
import pg from 'pg'
import { timeProcesses } from './support/cold-processes.mjs'
import { faultOf, startIamServer } from './support/iam-server.mjs'
import { timeQueries } from './support/query-times.mjs'
import { round, showFigure, showTable } from './support/report.mjs'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Shorter than the time after which signing is given up, which the clock here must not outrun. */
const stepMs = 5_000
const endpoint = 'db.abc123.eu-west-1.rds.amazonaws.com'
const region = 'eu-west-1'
const awsKeys = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'bench', sessionToken: 'bench' }
const queries = 1_000
const connections = 50

let signed = 0
/** Counts the tokens that a signer makes; not by those that arrive, because two of the same second are alike. */
function countTokens({ prototype }, method) {
  const sign = prototype[method]
  prototype[method] = function () {
    signed += 1
    return sign.call(this)
  }
}
const requireOfOurs = createRequire(import.meta.resolve('awscurrent/iam'))
// The benchmarks have signers of their own.
for (const each of new Set([Signer, requireOfOurs('@aws-sdk/rds-signer').Signer])) countTokens(each, 'getAuthToken')
for (const each of new Set([DsqlSigner, requireOfOurs('@aws-sdk/dsql-signer').DsqlSigner])) {
  countTokens(each, 'getDbConnectAuthToken')
}

const ours = 'awscurrent/pg with rdsIam'
const oursOfDsql = 'awscurrent/pg with dsql'
const byFunction = 'pg, the RDS signer as its password'

/** How each opens pools that log in by tokens. */
const ways = {
  [ours]: {
    service: 'rds-db',
    opener: ({ login, ...given }) => {
      const credentials = rdsIam({ ...login, ...given })
      return options => createPool(pg, { ...options, credentials })
    },
  },
  [byFunction]: {
    service: 'rds-db',
    opener: given => options => new pg.Pool({ ...options, ...given.login, password: () => signerOf(given).getAuthToken() }),
  },
  [oursOfDsql]: {
    service: 'dsql',
    opener: ({ login: { port, ...login }, ...given }) => {
      const credentials = dsql({ ...login, ...given })
      return options => createPool(pg, { ...options, port, credentials })
    },
  },
  'Aurora DSQL connector for pg': {
    service: 'dsql',
    opener:
      ({ login, credentials }) =>
      options =>
        new AuroraDSQLPool({ ...options, ...login, customCredentialsProvider: credentials }),
  },
}

function signerOf({ login: { host, port, user, region }, credentials }) {
  return new Signer({ hostname: host, port, username: user, region, credentials })
}

const times = (count, run) => Promise.all(Array.from({ length: count }, run))

const server = await startIamServer()

/** Counts what one pool takes for some work. */
async function counted({ service, opener }, { keysLiveMs, max, work }) {
  const { login, database, keys, logins, stop } = await server.openGate({ service, keysLiveMs })
  signed = 0
  const open = opener({ login, credentials: keys.provider })
  const pool = open({ ...database, max, idleTimeoutMillis: 0 })
  await work(pool)
  await pool.end()
  await stop()
  return {
    tokens: signed,
    'credential calls': keys.calls.length,
    connections: logins.length,
    'tokens per connection': round(signed / logins.length),
  }
}

async function countAll(title, { max, work, chart }) {
  const rows = []
  for (const minutes of [60, 10]) {
    for (const [name, way] of Object.entries(ways)) {
      const row = await counted(way, { keysLiveMs: minutes * minuteMs, max, work })
      rows.push({ what: `${name}, credentials of ${minutes} minutes`, ...row })
    }
  }
  showTable(title, rows, chart)
  for (const name of [ours, oursOfDsql]) {
    const own = rows.filter(({ what }) => what.startsWith(name))
    for (const column of ['tokens', 'credential calls']) {
      showFigure(`${column} of ${name}`, Math.max(...own.map(row => row[column])), 1)
    }
  }
}

async function queryThrough(pool) {
  for (let n = 0; n < queries; n += 10) await times(10, () => pool.query('select 1'))
}

async function openAll(pool) {
  const held = await times(connections, () => pool.connect())
  for (const client of held) client.release()
}

await countAll(`${queries.toLocaleString('en')} queries through a pool of 10`, {
  max: 10,
  work: queryThrough,
  chart: { of: 'tokens', log: true, note: 'Tokens that are signed, 10 queries at once.' },
})
await countAll(`${connections} connections opened at once`, { max: connections, work: openAll })

/** An hour of load on a manual clock: one pool keeps its connections, and one closes them after a few queries. */
async function hour(opener) {
  const clock = new ManualClock()
  // The signers read it, and take no other clock.
  const restoreDate = setDate(() => clock.now())
  const { login, database, keys, logins, stop } = await server.openGate({ service: 'rds-db', now: () => clock.now() })
  signed = 0
  const open = opener({ login, credentials: keys.provider, clock })
  const options = { ...database, max: 10, idleTimeoutMillis: 0 }
  const [keeping, renewing] = [open(options), open({ ...options, maxUses: 20 })]
  let failed = 0
  let closed = 0
  keeping.on('remove', () => {
    closed += 1
  })
  const query = pool =>
    pool.query('select 1').catch(() => {
      failed += 1
    })
  for (let ms = 0; ms < hourMs; ms += stepMs) {
    await Promise.all([clock.advance(stepMs), ...[keeping, renewing].map(pool => times(10, () => query(pool)))])
    while (signed < keys.calls.length) await nextTurn()
  }
  const row = {
    'failed queries': failed,
    tokens: signed,
    'credential calls': keys.calls.length,
    connections: logins.length,
    'open ones closed': closed,
  }
  await Promise.all([keeping.end(), renewing.end()])
  await stop()
  restoreDate()
  return row
}

function setDate(now) {
  const { Date: DateOfMachine } = globalThis
  globalThis.Date = class extends DateOfMachine {
    constructor(...given) {
      super(...(given.length === 0 ? [now()] : given))
    }

    static now() {
      return now()
    }
  }
  return () => {
    globalThis.Date = DateOfMachine
  }
}

const hourRows = []
for (const what of [ours, byFunction]) hourRows.push({ what, ...(await hour(ways[what].opener)) })
showTable(`An hour of load (manual clock), ${((2 * 10 * hourMs) / stepMs).toLocaleString('en')} queries`, hourRows)
const [{ 'failed queries': failed, tokens, 'open ones closed': closed }] = hourRows
if (tokens < hourMs / (15 * minuteMs)) throw new Error(`${tokens} tokens cannot have lasted for an hour.`)
showFigure('failed queries of awscurrent/pg', failed, 0)
showFigure('tokens, of fifteen minutes each', tokens, 6)
showFigure('connections closed because of a new token', closed, 0)

/** The server itself takes tokens as passwords here, so that nothing stands between the pools and it. */
async function overhead() {
  const { user } = await server.makeUser()
  const credentials = rdsIam({ host: endpoint, port: 5432, user, credentials: awsKeys })
  return timeQueries(async () => {
    const { password } = await credentials.get()
    await server.setPassword(user, password)
    const options = { ...server.address, max: 10, idleTimeoutMillis: 0 }
    return { bare: new pg.Pool({ ...options, user, password }), following: createPool(pg, { ...options, credentials }) }
  })
}

const measured = await overhead()
await server.stop()
showTable(
  'select 1 through a pool that follows rdsIam',
  measured.flatMap(({ rows }) => rows),
)
for (const { way, percent } of measured) showFigure(`${way}: over the bare pool`, percent, 5, ' %')

const bareSigner = `import { Signer } from '@aws-sdk/rds-signer'
  const login = { hostname: '${endpoint}', port: 5432, username: 'app', region: '${region}' }`
const source = `import { rdsIam } from 'awscurrent/iam'
  const login = { host: '${endpoint}', port: 5432, user: 'app' }`
const given = `const { env } = process
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY, sessionToken: env.AWS_SESSION_TOKEN }`

/** What each process does; it calls `show` with a token. */
const scripts = {
  'bare node': `show('${await new Signer({ hostname: endpoint, port: 5432, username: 'app', region, credentials: awsKeys }).getAuthToken()}')`,
  'RDS signer': `${bareSigner}; new Signer(login).getAuthToken().then(show)`,
  rdsIam: `${source}; rdsIam(login).get().then(({ password }) => show(password))`,
  'RDS signer, credentials passed': `${bareSigner}; ${given}; new Signer({ ...login, credentials }).getAuthToken().then(show)`,
  'rdsIam, credentials passed': `${source}; ${given}; rdsIam({ ...login, credentials }).get().then(({ password }) => show(password))`,
}
const purpose = { service: 'rds-db', region, endpoint: `${endpoint}:5432`, query: { Action: 'connect', DBUser: 'app' } }
const isRight = token => faultOf(token, purpose, { keyOf: () => awsKeys, now: Date.now }) === undefined
const env = {
  AWS_ACCESS_KEY_ID: awsKeys.accessKeyId,
  AWS_SECRET_ACCESS_KEY: awsKeys.secretAccessKey,
  AWS_SESSION_TOKEN: awsKeys.sessionToken,
}
// From the package's own folder, so that both take the same signer.
const from = fileURLToPath(new URL('..', import.meta.url))
const { rows, ratio } = await timeProcesses(scripts, { from, env, isRight })
showTable('From the start of a process to its first token', rows)
showFigure('rdsIam over the RDS signer', ratio('rdsIam', 'RDS signer'), 1.1, '×')
process.exit()
