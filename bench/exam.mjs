// The exam of test/support/exam: what happens to queries while the user of a pool rotates, in our pools and in others.
import mysql from 'mysql2/promise'
import pg from 'pg'
import { register } from 'tsx/esm/api'
import { wrappedPg } from './support/aws-wrapper.mjs'
import { showFigure, showTable } from './support/report.mjs'

register()
const exam = name => import(`../test/support/exam/${name}.ts`)
const { scenarios } = await exam('scenarios')
const { takeExams } = await exam('take-exam')
const { shortcomings } = await exam('goals')
const { rowOf } = await exam('table')
const { startPostgresExam } = await exam('postgres-exam-server')
const { startMariadbExam, startMysqlExam } = await exam('mysql-exam-server')
const { followingPgPool, passwordFunctionPgPool, staticPgPool } = await exam('pg-contestants')
const { followingMysqlPool, reconfiguredMysqlPool, staticMysqlPool } = await exam('mysql2-contestants')

const durationMs = 15_000

// Without this the pool of the wrapper, version 2.0.1, ends the process when the server closes an idle connection.
let crashes = 0
process.on('uncaughtException', error => {
  if (error.code !== '57P01') throw error
  crashes += 1
})

/** Of all scenarios together. */
const totals = []

async function examine(start, contestants) {
  for (const [n, contestant] of contestants.entries()) {
    const server = await start()
    crashes = 0
    const results = await Promise.all(takeExams(contestant, scenarios, server, { durationMs }).values())
    showTable(`${contestant.name}, on ${server.name}, ${durationMs / 1_000} s`, results.map(rowOf))
    const failed = results.reduce((sum, { failures }) => sum + failures.length, 0)
    totals.push({
      pool: `${contestant.name}, ${server.name}`,
      'failed queries': failed,
      answered: results.reduce((sum, { answered }) => sum + answered, 0),
      'scenarios passed': `${results.filter(result => shortcomings(result).length === 0).length} of ${results.length}`,
    })
    if (crashes > 0) console.log(`  ${crashes} errors that nobody listened to; each would have ended the process`)
    if (n === 0) showFigure(`failed queries of ${contestant.name}`, failed + crashes, 0)
    await server.stop()
  }
}

await examine(startPostgresExam, [followingPgPool(pg), passwordFunctionPgPool(pg), staticPgPool(pg), wrappedPg])
await examine(startMariadbExam, [followingMysqlPool(mysql), reconfiguredMysqlPool(mysql), staticMysqlPool(mysql)])
await examine(startMysqlExam, [followingMysqlPool(mysql)])
showTable('Queries that fail while the user of a pool rotates', totals, {
  of: 'failed queries',
  note: `${scenarios.length} ways to rotate, each for ${durationMs / 1_000} s: prepared statements and transactions too, connections cut now and then.`,
})
process.exit()
