import pg from 'pg'
import oldPg from 'pg-8.11'
import OldPool from 'pg-pool-3.6'
import { describe } from 'vitest'
import { describeExam } from '../../support/exam/describe-exam.js'
import { followingPgPool, type PgDriver, passwordFunctionPgPool, staticPgPool } from '../../support/exam/pg-contestants.js'
import { startPostgresExam } from '../../support/exam/postgres-exam-server.js'
import { slowScenarios } from '../../support/exam/scenarios.js'

/** The Pool that came with pg 8.11: npm gives that version the newest one. */
class Pool extends OldPool {
  constructor(options: pg.PoolConfig = {}) {
    super(options, oldPg.Client)
  }
}

describe('on a server', () =>
  describeExam(() => startPostgresExam(), {
    followers: [
      { contestant: followingPgPool(pg), durationMs: 8_000 },
      { contestant: followingPgPool({ Pool } as PgDriver, 'awscurrent/pg on pg 8.11'), durationMs: 4_000 },
    ],
    unaware: [staticPgPool(pg), passwordFunctionPgPool(pg)],
    refusal: '28P01',
  }))

describe('on a server that refuses slowly', () =>
  describeExam(() => startPostgresExam({ refusesSlowly: true }), {
    followers: [{ contestant: followingPgPool(pg), durationMs: 4_000 }],
    scenarios: slowScenarios,
  }))
