import { describe, expect, inject, it } from 'vitest'
import { useTestDatabase } from './database.js'
import { pairs } from './pair.js'

const isMysql = inject('mysqlServer') === 'mysql'
const database = useTestDatabase({ flags: isMysql ? { 'log-bin-trust-function-creators': '1' } : {} })
const { ask, linesOf, pairOf } = pairs(database)

/** A pair whose second user is not there. */
async function lone() {
  const user = await database.makeUser()
  await ask(`CREATE TABLE ${user.username}.salaries (x INT)`)
  return {
    pair: pairOf(user),
    name: `${user.username}_clone`,
    peek: `${user.username}.peek`,
    salaries: `${user.username}.salaries`,
  }
}

const isMade = async (name: string) => (await linesOf(`SELECT Host FROM mysql.user WHERE User = '${name}'`)).length > 0

describe('a second user that is yet to be made', () => {
  const definitions: [string, (name: string, table: string) => string][] = [
    ['procedure', (name, table) => `PROCEDURE ${name} () SQL SECURITY DEFINER SELECT * FROM ${table}`],
    ['view', (name, table) => `SQL SECURITY DEFINER VIEW ${name} AS SELECT * FROM ${table}`],
    ['event', (name, table) => `EVENT ${name} ON SCHEDULE AT '2038-01-01' DO INSERT INTO ${table} VALUES (1)`],
    ['trigger', (name, table) => `TRIGGER ${name} BEFORE INSERT ON ${table} FOR EACH ROW SET NEW.x = 1`],
  ]
  // A definer that has no account works as the account of its name that would let it in from its host.
  const hosts = ['%', '10.99.0.1']
  const leftBehind = definitions.flatMap(([kind, definition]) => hosts.map(host => [kind, host, definition] as const))

  it.each(leftBehind)('is refused if a %s has it as the definer, from %s', async (kind, host, definition) => {
    const { pair, name, peek, salaries } = await lone()
    await ask(`CREATE DEFINER = ${name}@'${host}' ${definition(peek, salaries)}`)
    await expect(pair.rotate('db')).rejects.toMatchObject({
      code: 'ERR_ROTATION_STEP',
      message: expect.stringMatching(new RegExp(`does not exist yet.*definer of ${kind} ${peek}`)),
      hint: expect.stringContaining('change its definer'),
    })
    expect(await isMade(name)).toBe(false)
    await expect(database.query(pair.user, 'SELECT 1')).resolves.toBeDefined()
  })

  it('is refused if an account of its name was dropped whose proxy somebody may be', async () => {
    const { pair, name } = await lone()
    const proxy = `mal_${name.slice(-14)}`
    await ask(`CREATE USER ${proxy}@'%' IDENTIFIED BY 'of mallory'`)
    await ask(
      `INSERT INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant, Grantor) VALUES ('%', '${proxy}', '%', '${name}', 0, '')`,
    )
    await expect(pair.rotate('db')).rejects.toThrow(new RegExp(`${proxy}.* may act as it`))
    expect(await isMade(name)).toBe(false)
  })

  it('is made if what has its name as the definer works as who calls it', async () => {
    const { pair, name, peek, salaries } = await lone()
    await ask(`CREATE DEFINER = ${name}@'%' SQL SECURITY INVOKER VIEW ${peek}_by_caller AS SELECT * FROM ${salaries}`)
    await pair.rotate('db')
    await expect(database.query(pair.read('db'), 'SELECT 1')).resolves.toBeDefined()
  })
})
