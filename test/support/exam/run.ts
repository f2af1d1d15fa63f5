// Takes the whole exam on both servers and prints what came of it: npm run exam [-- SECONDS]
import mysql from 'mysql2/promise'
import pg from 'pg'
import type { Contestant } from './contestant.js'
import type { ExamServer } from './exam-server.js'
import { describeFailures } from './failure.js'
import { shortcomings } from './goals.js'
import { startMariadbExam } from './mariadb-exam-server.js'
import { followingMysqlPool } from './mysql2-contestants.js'
import { followingPgPool } from './pg-contestants.js'
import { startPostgresExam } from './postgres-exam-server.js'
import { scenarios } from './scenarios.js'
import { rowOf, tableOf } from './table.js'
import { takeExam } from './take-exam.js'

const durationMs = Number(process.argv[2] ?? 60) * 1_000

async function examine(start: () => Promise<ExamServer>, contestant: Contestant): Promise<void> {
  const server = await start()
  try {
    const results = await Promise.all(scenarios.map(scenario => takeExam(contestant, scenario, server, { durationMs })))
    process.stdout.write(`${server.name}, ${durationMs / 1_000} s\n${tableOf(results.map(rowOf))}\n\n`)
    for (const result of results) {
      for (const shortcoming of shortcomings(result)) process.stdout.write(`${result.scenario.name}: ${shortcoming}\n`)
      process.stdout.write(describeFailures(result.failures))
      if (shortcomings(result).length > 0) process.exitCode = 1
    }
  } finally {
    await server.stop()
  }
}

await examine(startPostgresExam, followingPgPool(pg))
await examine(startMariadbExam, followingMysqlPool(mysql))
