// Takes the whole exam on every server and prints what came of it: npm run exam [-- SECONDS [WORDS OF A SERVER OR SCENARIO]]
import mysql from 'mysql2/promise'
import pg from 'pg'
import type { Contestant } from './contestant.js'
import type { ExamServer } from './exam-server.js'
import { describeFailures } from './failure.js'
import { shortcomings } from './goals.js'
import { startMariadbExam, startMysqlExam } from './mysql-exam-server.js'
import { followingMysqlPool } from './mysql2-contestants.js'
import { followingPgPool } from './pg-contestants.js'
import { startPgbouncerExam } from './pgbouncer-exam-server.js'
import { startPostgresExam } from './postgres-exam-server.js'
import { type Scenario, scenarios, scenariosElsewhere, slowScenarios } from './scenarios.js'
import { rowOf, tableOf } from './table.js'
import { takeExams } from './take-exam.js'

const durationMs = Number(process.argv[2] ?? 60) * 1_000
const wanted = process.argv.slice(3).join(' ')

const pgPool = followingPgPool(pg)
const pgPoolBehindProxy = followingPgPool(pg, pgPool.name, { prepares: false })
const mysqlPool = followingMysqlPool(mysql)
const [locksAccounts, refusesSlowly] = [true, true]

/** A contestant on a server. */
interface Exam {
  on: string
  start(): Promise<ExamServer>
  contestant: Contestant
  taken: readonly Scenario[]
}

const exams: readonly Exam[] = [
  exam('PostgreSQL', () => startPostgresExam(), pgPool),
  exam('PostgreSQL that refuses slowly', () => startPostgresExam({ refusesSlowly }), pgPool, slowScenarios),
  exam('PgBouncer by transaction', () => startPgbouncerExam('transaction'), pgPoolBehindProxy, scenariosElsewhere),
  exam('PgBouncer by session', () => startPgbouncerExam('session'), pgPoolBehindProxy, scenariosElsewhere),
  exam('MariaDB', () => startMariadbExam({ locksAccounts }), mysqlPool),
  exam('MariaDB that refuses slowly', () => startMariadbExam({ locksAccounts, refusesSlowly }), mysqlPool, slowScenarios),
  exam('MySQL', () => startMysqlExam({ locksAccounts }), mysqlPool),
  exam('MySQL that refuses slowly', () => startMysqlExam({ locksAccounts, refusesSlowly }), mysqlPool, slowScenarios),
]

function exam(on: string, start: () => Promise<ExamServer>, contestant: Contestant, taken = scenarios): Exam {
  return { on, start, contestant, taken: taken.filter(({ name }) => `${on}: ${name}`.includes(wanted)) }
}

async function examine({ on, start, contestant, taken }: Exam): Promise<void> {
  if (taken.length === 0) return
  const server = await start()
  try {
    const results = await Promise.all(takeExams(contestant, taken, server, { durationMs }).values())
    process.stdout.write(`${on}, ${durationMs / 1_000} s\n${tableOf(results.map(rowOf))}\n\n`)
    for (const result of results) {
      for (const shortcoming of shortcomings(result)) process.stdout.write(`${result.scenario.name}: ${shortcoming}\n`)
      process.stdout.write(describeFailures(result.failures))
      if (shortcomings(result).length > 0) process.exitCode = 1
    }
  } finally {
    await server.stop()
  }
}

for (const exam of exams) await examine(exam)
