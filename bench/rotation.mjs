// A full rotation of one user beside the same calls and statements made by hand, as AWS's templates make them, on a server of each kind.
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { createRotationHandler, mysql as mysqlEngine, postgres } from 'awscurrent/rotation'
import { FakeSecretsManager } from 'awscurrent/testing'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { register } from 'tsx/esm/api'
import { median, round, showFigure, showTable } from './support/report.mjs'

register()
const support = name => import(`../test/support/${name}.ts`)
const { connectPostgres, startPostgres } = await support('postgres')
const { startMariadb } = await support('mariadb')
const { startMysql } = await support('mysql')
const { connectMysql } = await support('mysql-server')

const rounds = 40
const [ours, byHand] = ['by_awscurrent', 'by_hand']

/** What differs between the databases. */
const databases = {
  PostgreSQL: {
    start: () => startPostgres({ settings: { log_statement: 'none' } }),
    engineName: 'postgres',
    engine: ca => postgres({ pg, ca }),
    connect: connectPostgres,
    create: user => [`CREATE ROLE ${user} LOGIN PASSWORD 'first'`],
    async logIn({ host, port, username: user, password }, ca) {
      const connection = new pg.Client({ host, port, user, password, database: 'postgres', ssl: { ca } })
      await connection.connect()
      return connection
    },
    change: password => `ALTER ROLE ${byHand} PASSWORD '${password}'`,
  },
  MariaDB: mysqlLike(startMariadb, 'mariadb', password => `SET PASSWORD = PASSWORD('${password}')`),
  MySQL: mysqlLike(startMysql, 'mysql', password => `ALTER USER USER() IDENTIFIED BY '${password}'`),
}

function mysqlLike(start, engineName, change) {
  return {
    start: () => start({ logStatements: false }),
    engineName,
    engine: ca => mysqlEngine({ mysql, ca }),
    connect: connectMysql,
    create: user => [`CREATE USER ${user}@'%' IDENTIFIED BY 'first'`, `GRANT SELECT ON test.* TO ${user}@'%'`],
    async logIn({ host, port, username: user, password }, ca) {
      return mysql.createConnection({ host, port, user, password, ssl: { ca, verifyIdentity: true } })
    },
    change,
  }
}

/** The calls and statements of AWS's template, one after the other. */
function rotationByHand(client, { logIn, change }, ca) {
  return async ({ Step, SecretId, ClientRequestToken }) => {
    const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }))
    const read = async input => JSON.parse((await client.send(new GetSecretValueCommand({ SecretId, ...input }))).SecretString)
    const current = () => read({ VersionStage: 'AWSCURRENT' })
    const pending = () => read({ VersionStage: 'AWSPENDING', VersionId: ClientRequestToken })
    if (Step === 'createSecret') {
      const SecretString = JSON.stringify({ ...(await current()), password: randomUUID() })
      await pending().catch(() => {})
      const versions = { ClientRequestToken, VersionStages: ['AWSPENDING'] }
      await client.send(new PutSecretValueCommand({ SecretId, SecretString, ...versions }))
    } else if (Step === 'setSecret') {
      const [before, after] = [await current(), await pending()]
      await logIn(after, ca).catch(() => {})
      const connection = await logIn(before, ca)
      await connection.query(change(after.password))
      await connection.end()
    } else if (Step === 'testSecret') {
      const connection = await logIn(await pending(), ca)
      await connection.query('SELECT NOW()')
      await connection.end()
    } else {
      const RemoveFromVersionId = Object.keys(VersionIdsToStages).find(id => VersionIdsToStages[id].includes('AWSCURRENT'))
      const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: ClientRequestToken, RemoveFromVersionId }
      await client.send(new UpdateSecretVersionStageCommand(move))
    }
  }
}

/** The times of rotations on a database, in turns. */
async function timesOn(database) {
  const server = await database.start()
  const { host, port, ca } = server
  const admin = await database.connect(server)
  for (const statement of [ours, byHand].flatMap(database.create)) await admin.query(statement)
  await admin.end()
  let rotate
  const secretOf = username => ({ engine: database.engineName, host, port, username, password: 'first' })
  const fake = new FakeSecretsManager({
    secrets: { [ours]: secretOf(ours), [byHand]: secretOf(byHand) },
    rotation: event => rotate(event),
  })
  const client = fake.client()
  const handlers = {
    [ours]: createRotationHandler({ engine: database.engine(ca), client }),
    [byHand]: rotationByHand(client, database, ca),
  }
  const times = { [ours]: [], [byHand]: [] }
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const [secretId, handler] of Object.entries(handlers)) {
      rotate = handler
      const startedAt = performance.now()
      fake.perform('RotateSecret', {
        SecretId: secretId,
        RotationLambdaARN: 'arn:aws:lambda:eu-west-1:123456789012:function:rotate',
      })
      await fake.idle()
      const { status, error } = fake.rotations.at(-1)
      if (status !== 'succeeded') throw error
      times[secretId].push(performance.now() - startedAt)
    }
  }
  await server.stop()
  return times
}

const rows = []
const ratios = []
for (const [name, database] of Object.entries(databases)) {
  const times = await timesOn(database)
  rows.push({ what: `awscurrent, ${name}`, 'p50 ms': round(median(times[ours])) })
  rows.push({ what: `by hand, ${name}`, 'p50 ms': round(median(times[byHand])) })
  ratios.push([name, median(times[ours]) / median(times[byHand])])
}
showTable('A rotation in four steps: fake Secrets Manager in process, a database on loopback with TLS', rows, { of: 'p50 ms' })
for (const [name, ratio] of ratios) showFigure(`rotation over AWS's template by hand, ${name}`, ratio, 1.5, '×')
