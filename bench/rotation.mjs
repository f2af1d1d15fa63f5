// A full rotation of one PostgreSQL user beside the same calls and statements made by hand, on a server of its own.
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { createRotationHandler, postgres } from 'awscurrent/rotation'
import { FakeSecretsManager } from 'awscurrent/testing'
import pg from 'pg'
import { register } from 'tsx/esm/api'
import { median, round, showFigure, showTable } from './support/report.mjs'

register()
const { connectPostgres, startPostgres } = await import('../test/support/postgres.ts')

const rounds = 40
const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret']
const server = await startPostgres({ settings: { log_statement: 'none' } })
const { host, port, ca } = server
const admin = await connectPostgres(server)
for (const user of ['by_awscurrent', 'by_hand']) await admin.query(`CREATE ROLE ${user} LOGIN PASSWORD 'first'`)
await admin.end()

const secretOf = username => ({ engine: 'postgres', host, port, username, password: 'first' })
const fake = new FakeSecretsManager({
  secrets: { by_awscurrent: secretOf('by_awscurrent'), by_hand: secretOf('by_hand') },
  rotation: event => rotate(event),
})
const client = fake.client()
const handler = createRotationHandler({ engine: postgres({ pg, ca }), client })

async function logIn(text) {
  const { username: user, password } = JSON.parse(text)
  const connection = new pg.Client({ host, port, user, password, database: 'postgres', ssl: { ca } })
  await connection.connect()
  return connection
}

/** The calls of AWS's template, one after the other. */
async function byHand({ Step, SecretId, ClientRequestToken }) {
  const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }))
  const read = async input => (await client.send(new GetSecretValueCommand({ SecretId, ...input }))).SecretString
  const current = () => read({ VersionStage: 'AWSCURRENT' })
  const pending = () => read({ VersionStage: 'AWSPENDING', VersionId: ClientRequestToken })
  if (Step === 'createSecret') {
    const SecretString = JSON.stringify({ ...JSON.parse(await current()), password: randomUUID() })
    await pending().catch(() => {})
    await client.send(new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] }))
  } else if (Step === 'setSecret') {
    const [before, after] = [await current(), await pending()]
    await logIn(after).catch(() => {})
    const connection = await logIn(before)
    await connection.query(`ALTER ROLE by_hand PASSWORD '${JSON.parse(after).password}'`)
    await connection.end()
  } else if (Step === 'testSecret') {
    const connection = await logIn(await pending())
    await connection.query('SELECT NOW()')
    await connection.end()
  } else {
    const RemoveFromVersionId = Object.keys(VersionIdsToStages).find(id => VersionIdsToStages[id].includes('AWSCURRENT'))
    const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: ClientRequestToken, RemoveFromVersionId }
    await client.send(new UpdateSecretVersionStageCommand(move))
  }
}

let rotate
async function timed(secretId, step) {
  rotate = step
  const startedAt = performance.now()
  fake.perform('RotateSecret', { SecretId: secretId, RotationLambdaARN: 'arn:aws:lambda:eu-west-1:123456789012:function:rotate' })
  await fake.idle()
  const { status, error } = fake.rotations.at(-1)
  if (status !== 'succeeded') throw error
  return performance.now() - startedAt
}

const times = { awscurrent: [], 'by hand': [] }
for (let turn = 0; turn < rounds; turn += 1) {
  times.awscurrent.push(await timed('by_awscurrent', handler))
  times['by hand'].push(await timed('by_hand', byHand))
}
const rows = Object.entries(times).map(([what, all]) => ({ what, 'p50 ms': round(median(all)) }))
showTable(`A rotation in ${steps.length} steps: fake Secrets Manager in process, PostgreSQL on loopback with TLS`, rows, {
  of: 'p50 ms',
})
showFigure('rotation over the same by hand', median(times.awscurrent) / median(times['by hand']), 1.5, '×')
await server.stop()
