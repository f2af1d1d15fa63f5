import pg from 'pg'
import { describe } from 'vitest'
import { describeExam } from '../../support/exam/describe-exam.js'
import { followingPgPool } from '../../support/exam/pg-contestants.js'
import { startPgbouncerExam } from '../../support/exam/pgbouncer-exam-server.js'
import { scenariosElsewhere } from '../../support/exam/scenarios.js'

describe.each(['transaction', 'session'] as const)('behind PgBouncer, which pools by %s', mode =>
  describeExam(() => startPgbouncerExam(mode), {
    followers: [{ contestant: followingPgPool(pg, 'awscurrent/pg', { prepares: false }), durationMs: 4_000 }],
    scenarios: scenariosElsewhere,
  }),
)
