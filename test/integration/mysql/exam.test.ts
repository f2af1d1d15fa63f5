import mysql from 'mysql2/promise'
import oldMysql from 'mysql2-3.6/promise'
import { describe, inject } from 'vitest'
import { describeExam } from '../../support/exam/describe-exam.js'
import { startMariadbExam, startMysqlExam } from '../../support/exam/mysql-exam-server.js'
import {
  followingMysqlPool,
  type MysqlDriver,
  reconfiguredMysqlPool,
  staticMysqlPool,
} from '../../support/exam/mysql2-contestants.js'
import { slowScenarios } from '../../support/exam/scenarios.js'

const isMysql = inject('mysqlServer') === 'mysql'
const start = isMysql ? startMysqlExam : startMariadbExam

const older = followingMysqlPool(oldMysql as unknown as MysqlDriver, 'awscurrent/mysql2 on mysql2 3.6')

describe('on a server that locks accounts', () =>
  describeExam(() => start({ locksAccounts: true }), {
    followers: [
      { contestant: followingMysqlPool(mysql), durationMs: 8_000 },
      // One server is enough to tell the drivers apart.
      ...(isMysql ? [] : [{ contestant: older, durationMs: 4_000 }]),
    ],
    unaware: [staticMysqlPool(mysql), reconfiguredMysqlPool(mysql)],
    refusal: 'ER_ACCESS_DENIED_ERROR',
  }))

describe('on a server that refuses slowly', () =>
  describeExam(() => start({ locksAccounts: true, refusesSlowly: true }), {
    followers: [{ contestant: followingMysqlPool(mysql), durationMs: 4_000 }],
    scenarios: slowScenarios,
  }))
