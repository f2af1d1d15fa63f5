import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, it } from 'vitest'
import { type PgDriver, postgres } from '../../../src/rotation/index.js'
import { type CrashingProcess, type CrashPoint, crashingProcess } from '../../support/crash-points.js'
import { eventually } from '../../support/pool-scene.js'
import { connectPostgres } from '../../support/postgres.js'
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

/** A pair as AWS's template makes it, of which the clone has made things, and a master that may do no more than it has to. */
async function makePair() {
  const user = await database.makeUser()
  const { username } = user
  const clone = `${username}_clone`
  const master = { ...database.masterSecret(), username: `m_${username}`, password: randomUUID() }
  for (const statement of [
    `CREATE ROLE ${clone} LOGIN`,
    `GRANT ${username} TO ${clone} WITH INHERIT FALSE`,
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
  expect(whole.dying.calls).toBeGreaterThan(35)
})

/** A pair whose second user has made two tables with its role put aside: they are handed over in the next rotation. */
async function rotatedPair(master: DatabaseFields = database.masterSecret(), user?: DatabaseFields) {
  const first = user ?? (await database.makeUser())
  const secrets = { db: { ...first, masterarn: 'master' }, master: { ...master } }
  const setup = rotating(secrets, { strategy: 'alternating-users', engine: postgres({ pg, ca: database.server.ca }) })
  await setup.rotate('db')
  const { username } = first
  const clone = setup.read('db')
  await database.query(clone, 'SET ROLE NONE', `CREATE TABLE ${username}.a (n int)`, `CREATE TABLE ${username}.b (n int)`)
  const owners = () => ask(`SELECT DISTINCT tableowner AS owner FROM pg_tables WHERE schemaname = '${username}'`)
  return { ...setup, username, clone, owners }
}

const failureOf = (rotation: Promise<void>) =>
  rotation.then(
    () => undefined,
    (reason: unknown) => reason as Error & { hint?: string },
  )

it('an application whose transaction a hand-over waits for is no victim of a deadlock, and is waited for again', async () => {
  const { rotate, username, clone, owners } = await rotatedPair()
  // It looks for a deadlock before the other side does, and so would be the victim.
  await ask(`ALTER ROLE ${clone.username} SET deadlock_timeout TO '600ms'`)
  const application = await connectPostgres(database.server, { user: clone.username, password: clone.password })
  try {
    await application.query(`SET ROLE NONE; BEGIN; INSERT INTO ${username}.b VALUES (1)`)
    const rotation = rotate('db')
    const waiting = "SELECT FROM pg_stat_activity WHERE application_name = 'awscurrent-rotation' AND wait_event_type = 'Lock'"
    await eventually(async () => expect(await ask(waiting)).toHaveLength(1))
    await application.query(`INSERT INTO ${username}.a VALUES (1); COMMIT`)
    await rotation
    expect(await ask(`SELECT * FROM ${username}.a, ${username}.b`)).toHaveLength(1)
    expect(await owners()).toEqual([{ owner: username }])
  } finally {
    await application.end()
  }
})

it.each([
  ['the tables of a hand-over', 'a lock was not free in time', (username: string) => `LOCK TABLE ${username}.b`],
  ['a role', 'a lock was not free in time', (username: string) => `ALTER ROLE ${username} CONNECTION LIMIT 9`],
])('a transaction that holds %s fails the step, which waits no longer for it', async (_, reason, statement) => {
  const { rotate, repeat, username, owners } = await rotatedPair()
  await ask(`BEGIN; ${statement(username)}`)
  try {
    expect((await failureOf(rotate('db')))?.message).toContain(reason)
  } finally {
    await ask('ROLLBACK')
  }
  await repeat()
  expect(await owners()).toEqual([{ owner: username }])
})

it.each(['INHERIT FALSE, SET TRUE', 'INHERIT TRUE, SET FALSE', 'INHERIT TRUE, SET TRUE'])(
  'memberships that the master has given itself WITH %s stay as they are',
  async options => {
    const user = await database.makeUser()
    const master = { ...database.masterSecret(), username: `m_${user.username}`, password: randomUUID() }
    await ask(`CREATE ROLE ${master.username} LOGIN CREATEROLE NOINHERIT PASSWORD '${master.password}'`)
    await ask(`GRANT ${user.username} TO ${master.username} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`)
    const { rotate, username, clone, owners } = await rotatedPair(master, user)
    await database.query(master, `GRANT ${username}, ${clone.username} TO ${master.username} WITH ${options}`)
    const memberships = `
    SELECT roleid, member, grantor, admin_option, inherit_option, set_option FROM pg_auth_members
    WHERE member = '${master.username}'::regrole ORDER BY 1, 2, 3`
    const before = await ask(memberships)
    await rotate('db')
    expect(await ask(memberships)).toEqual(before)
    expect(before).toHaveLength(4)
    expect(await owners()).toEqual([{ owner: username }])
  },
)

it('what was made by a privilege of the clone alone is not handed over, and the step says why', async () => {
  const user = await database.makeUser()
  const master = { ...database.masterSecret(), username: `m_${user.username}`, password: randomUUID() }
  await ask(`CREATE ROLE ${master.username} LOGIN CREATEROLE PASSWORD '${master.password}'`)
  await ask(`GRANT ${user.username} TO ${master.username} WITH ADMIN OPTION`)
  const { rotate, clone, username } = await rotatedPair(master, user)
  await ask(`CREATE SCHEMA of_clone; GRANT CREATE, USAGE ON SCHEMA of_clone TO ${clone.username}`)
  await database.query(clone, 'SET ROLE NONE', 'CREATE FUNCTION of_clone.f() RETURNS int RETURN 1')
  const error = await failureOf(rotate('db'))
  expect(error?.message).toContain(`what ${clone.username} owns in the secret's database could not be handed over to ${username}`)
  expect(error?.hint).toContain(`by a privilege that ${clone.username} alone has`)
})

it('a hand-over of many tables under load makes nobody the victim of a deadlock', async () => {
  const { rotate, username, clone, owners } = await rotatedPair()
  const tables = Array.from({ length: 12 }, (_, n) => `${username}.t${n}`)
  await database.query(clone, 'SET ROLE NONE', ...tables.map(table => `CREATE TABLE ${table} (n int)`))
  // Whoever waits looks for a deadlock ten times as soon as usual.
  await ask("ALTER ROLE ALL SET deadlock_timeout TO '100ms'")
  const failures: unknown[] = []
  let isDone = false
  async function lastThenFirst(): Promise<void> {
    const session = await connectPostgres(database.server, { user: clone.username, password: clone.password })
    await session.query('SET ROLE NONE')
    while (!isDone) {
      try {
        await session.query(`BEGIN; SELECT FROM ${tables.at(-1)}; SELECT pg_sleep(0.02); SELECT FROM ${tables[0]}; COMMIT`)
      } catch (error) {
        failures.push((error as { code?: unknown }).code)
        await session.query('ROLLBACK')
      }
    }
    await session.end()
  }
  const load = Promise.all(Array.from({ length: 8 }, lastThenFirst))
  try {
    await rotate('db')
  } finally {
    isDone = true
    await load
    await ask('ALTER ROLE ALL RESET deadlock_timeout')
  }
  expect(failures).toEqual([])
  expect(await owners()).toEqual([{ owner: username }])
})

it('a hand-over that a long transaction holds up leaves the views of the clone readable', async () => {
  const { rotate, repeat, username, clone, owners } = await rotatedPair()
  const view = `CREATE VIEW ${username}.v AS SELECT a.n FROM ${username}.a, ${username}.b`
  await database.query(clone, 'SET ROLE NONE', view, `GRANT SELECT ON ${username}.v TO ${username}`)
  const reads = () => database.query(clone, 'SET ROLE NONE', `SELECT * FROM ${username}.v`)
  let isDone = false
  const reading = (async () => {
    while (!isDone) await reads()
  })()
  await ask(`BEGIN; SELECT FROM ${username}.b`)
  try {
    expect((await failureOf(rotate('db')))?.message).toContain('a lock was not free in time')
    await reads()
  } finally {
    await ask('ROLLBACK')
    isDone = true
  }
  await reading
  await repeat()
  expect(await owners()).toEqual([{ owner: username }])
  await database.query(clone, `SELECT * FROM ${username}.v`)
})

it('views that are read all the time are handed over, those that read others after them', async () => {
  const { rotate, username, clone, owners } = await rotatedPair()
  const names = Array.from({ length: 6 }, (_, n) => `${username}.v${n}`)
  const views = names.map(
    (name, n) => `CREATE VIEW ${name} AS SELECT n FROM ${n === 0 ? `${username}.a` : names[n % 2 === 0 ? 0 : n - 1]}`,
  )
  await database.query(clone, 'SET ROLE NONE', ...views)
  let isDone = false
  const readers = names.map(async name => {
    const session = await connectPostgres(database.server, { user: clone.username, password: clone.password })
    await session.query('SET ROLE NONE')
    while (!isDone) await session.query(`BEGIN; SELECT FROM ${name}; SELECT pg_sleep(0.09); COMMIT`)
    await session.end()
  })
  try {
    await rotate('db')
  } finally {
    isDone = true
    await Promise.all(readers)
  }
  expect(await owners()).toEqual([{ owner: username }])
  expect(await ask(`SELECT DISTINCT viewowner AS owner FROM pg_views WHERE schemaname = '${username}'`)).toEqual([
    { owner: username },
  ])
})

it('a hand-over that a long transaction holds up takes no rights that the rules of a table need', async () => {
  const { rotate, username, clone } = await rotatedPair()
  const rule = `CREATE RULE log AS ON INSERT TO ${username}.a DO ALSO INSERT INTO ${username}.b VALUES (NEW.n)`
  await database.query(clone, 'SET ROLE NONE', rule)
  await ask(`BEGIN; SELECT FROM ${username}.b`)
  try {
    expect((await failureOf(rotate('db')))?.message).toContain('a lock was not free in time')
    await database.query(clone, 'SET ROLE NONE', `INSERT INTO ${username}.a VALUES (1)`)
  } finally {
    await ask('ROLLBACK')
  }
})

it('a transaction that has read very many tables fails the step within seconds', async () => {
  const { rotate, username, clone } = await rotatedPair()
  const tables = Array.from({ length: 60 }, (_, n) => `${username}.t${n}`)
  await database.query(clone, 'SET ROLE NONE', ...tables.map(table => `CREATE TABLE ${table} (n int)`))
  await ask(`BEGIN; ${tables.map(table => `SELECT FROM ${table}`).join(';')}`)
  try {
    const failure = await failureOf(rotate('db'))
    expect(failure).toMatchObject({
      message: expect.stringContaining('a lock was not free'),
      hint: expect.stringContaining('CREATE'),
    })
  } finally {
    await ask('ROLLBACK')
  }
}, 15_000)
