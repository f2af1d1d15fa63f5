import mysqlDriver from 'mysql2/promise'
import { expect, it } from 'vitest'
import { mysql, type RotationLogEvent, type RotationStrategy } from '../../../src/rotation/index.js'
import { rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const ask = async (sql: string): Promise<unknown> => (await database.admin.query(sql))[0]

/** What the log of a rotation says of the accounts that it leaves alone, for a user with accounts from these hosts. */
async function leftBy(
  strategy: RotationStrategy,
  hosts: string[],
  { accounts = 'login' as 'login' | 'all', seesAll = false } = {},
) {
  const user = await database.makeUser({ hosts })
  if (seesAll) for (const host of hosts) await ask(`GRANT SELECT ON mysql.* TO ${user.username}@'${host}'`)
  // Names that only look alike.
  for (const like of [`${user.username}x`, user.username.toUpperCase()]) await ask(`CREATE USER ${like}@'10.98.%'`)
  const log: RotationLogEvent[] = []
  const engine = mysql({ mysql: mysqlDriver, ca: database.server.ca, accounts })
  const secrets = { db: { ...user, masterarn: 'master' }, master: { ...database.masterSecret() } }
  const { rotate } = rotating(secrets, { strategy, engine, log: event => log.push(event) })
  await rotate('db')
  await rotate('db')
  return log.filter(({ type }) => type === 'not-rotated').map(({ step, reason }) => `${step}: ${reason}`)
}

const both = ['%', '10.99.0.1']
const ofBoth = expect.stringMatching(/^setSecret: other accounts with the user's name .*from 10\.99\.0\.1$/)

it('the log names the hosts of accounts of the same name that two users leave alone', async () => {
  expect(await leftBy('alternating-users', both)).toEqual([ofBoth, ofBoth])
})

it('and those that a single user leaves alone, if the user may see them', async () => {
  expect(await leftBy('single-user', both, { seesAll: true })).toEqual([ofBoth, ofBoth])
  expect(await leftBy('single-user', both)).toEqual([])
})

it('and is silent where there are none, or all are rotated', async () => {
  expect(await leftBy('alternating-users', ['%'])).toEqual([])
  expect(await leftBy('single-user', ['%'], { seesAll: true })).toEqual([])
  expect(await leftBy('alternating-users', both, { accounts: 'all' })).toEqual([])
})
