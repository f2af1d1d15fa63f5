import pg from 'pg'
import oldPg from 'pg-8.11'
import OldPool from 'pg-pool-3.6'
import { describeExam } from '../../support/exam/describe-exam.js'
import { followingPgPool, type PgDriver, passwordFunctionPgPool, staticPgPool } from '../../support/exam/pg-contestants.js'
import { startPostgresExam } from '../../support/exam/postgres-exam-server.js'

/** The Pool that came with pg 8.11: npm gives that version the newest one. */
class Pool extends OldPool {
  constructor(options: pg.PoolConfig = {}) {
    super(options, oldPg.Client)
  }
}

describeExam(startPostgresExam, {
  followers: [
    { contestant: followingPgPool(pg), durationMs: 15_000 },
    { contestant: followingPgPool({ Pool } as PgDriver, 'awscurrent/pg on pg 8.11'), durationMs: 5_000 },
  ],
  unaware: [staticPgPool(pg), passwordFunctionPgPool(pg)],
  refusal: '28P01',
})
