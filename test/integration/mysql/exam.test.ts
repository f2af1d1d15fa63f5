import mysql from 'mysql2/promise'
import oldMysql from 'mysql2-3.6/promise'
import { describeExam } from '../../support/exam/describe-exam.js'
import { startMariadbExam } from '../../support/exam/mariadb-exam-server.js'
import {
  followingMysqlPool,
  type MysqlDriver,
  reconfiguredMysqlPool,
  staticMysqlPool,
} from '../../support/exam/mysql2-contestants.js'

describeExam(startMariadbExam, {
  followers: [
    { contestant: followingMysqlPool(mysql), durationMs: 15_000 },
    { contestant: followingMysqlPool(oldMysql as unknown as MysqlDriver, 'awscurrent/mysql2 on mysql2 3.6'), durationMs: 5_000 },
  ],
  unaware: [staticMysqlPool(mysql), reconfiguredMysqlPool(mysql)],
  refusal: 'ER_ACCESS_DENIED_ERROR',
})
