import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, it } from 'vitest'
import { type PgDriver, postgres } from '../../../src/rotation/index.js'
import { type CrashingProcess, type CrashPoint, crashingProcess } from '../../support/crash-points.js'
import { type DatabaseFields, rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const ask = async (sql: string): Promise<unknown[]> => (await database.admin.query(sql)).rows

/** Sends the statements of a transaction one after the other, so that a process may die between any two. */
function oneByOne({ Client }: PgDriver): PgDriver {
  return {
    Client: class extends Client {
      override async query(text: string, values?: string[]): Promise<{ rows: unknown[] }> {
        if (values !== undefined) return super.query(text, values)
        let last: { rows: unknown[] } = { rows: [] }
        for (const statement of text.split(';\n')) last = await super.query(statement)
        return last
      }
    },
  }
}

/** A pair of strangers of which the second one has made things, and a master that may do no more than it has to. */
async function makePair() {
  const user = await database.makeUser()
  const { username } = user
  const clone = `${username}_clone`
  const master = { ...database.masterSecret(), username: `m_${username}`, password: randomUUID() }
  for (const statement of [
    `CREATE ROLE ${clone} LOGIN`,
    `CREATE TABLE ${username}.made (n integer)`,
    `ALTER TABLE ${username}.made OWNER TO ${clone}`,
    `CREATE ROLE ${master.username} LOGIN CREATEROLE PASSWORD '${master.password}'`,
    `GRANT ${username}, ${clone} TO ${master.username} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`,
  ]) {
    await ask(statement)
  }
  return { user, clone, master }
}

async function rotationDying(point?: CrashPoint) {
  const { user, clone, master } = await makePair()
  let process: CrashingProcess = crashingProcess(point)
  const engineNow = () => postgres({ pg: oneByOne(process.pg(pg)), ca: database.server.ca })
  const engine = {
    createSecret: engineNow().createSecret,
    setSecret: (context: Parameters<ReturnType<typeof postgres>['setSecret']>[0]) => engineNow().setSecret(context),
    testSecret: (context: Parameters<ReturnType<typeof postgres>['testSecret']>[0]) => engineNow().testSecret(context),
  }
  const secrets = { db: { ...user, masterarn: 'master' }, master: { ...master } }
  const { rotate, repeat, read } = rotating(secrets, { strategy: 'alternating-users', engine })
  const dying = process
  await rotate('db').catch(() => {})
  process = crashingProcess()
  const memberships = `
    SELECT roleid::regrole::text, admin_option, inherit_option, set_option FROM pg_auth_members
    WHERE member = '${master.username}'::regrole ORDER BY 1, 2, 3, 4`
  return { user, clone, master, dying, repeat, read, memberships }
}

const opens = (secret: DatabaseFields, place: string) => expect(database.query(secret, 'SELECT 1'), place).resolves.toBeDefined()

it('a hand-over that is cut off between any two statements locks nobody out, and the next attempt completes it', async () => {
  const whole = await rotationDying()
  const nameless = (rows: unknown[], { user }: { user: DatabaseFields }) =>
    JSON.parse(JSON.stringify(rows).replaceAll(user.username, 'app'))
  const memberships = nameless(await ask(whole.memberships), whole)
  for (let call = 1; call <= whole.dying.calls; call += 1) {
    const place = `crashed before statement ${call} of ${whole.dying.calls}`
    const cut = await rotationDying({ call, side: 'before' })
    expect(cut.dying.crashed, place).toBe(true)
    await opens(cut.user, place)
    await cut.repeat()
    await opens(cut.user, place)
    await opens(cut.read('db'), place)
    expect(cut.read('db').username, place).toBe(cut.clone)
    expect(await ask(`SELECT tableowner AS owner FROM pg_tables WHERE schemaname = '${cut.user.username}'`), place).toEqual([
      { owner: cut.user.username },
    ])
    expect(nameless(await ask(cut.memberships), cut), place).toEqual(memberships)
  }
  expect(whole.dying.calls).toBeGreaterThan(25)
})
