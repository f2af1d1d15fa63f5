import { randomUUID } from 'node:crypto'
import mysqlDriver from 'mysql2/promise'
import { expect, it } from 'vitest'
import { mysql } from '../../../src/rotation/index.js'
import { rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const engine = () => mysql({ mysql: mysqlDriver, ca: database.server.ca })
const one = [[{ one: 1 }]]

it('one user gets a new password with every rotation', async () => {
  const first = await database.makeUser()
  const { rotate, read } = rotating({ db: { ...first } }, { engine: engine() })
  const seen = [first]
  for (let turn = 0; turn < 3; turn += 1) {
    await rotate('db')
    expect(read('db')).toEqual({ ...first, password: expect.any(String) })
    seen.push(read('db'))
  }
  await expect(database.query(seen[3]!, 'SELECT 1 AS one')).resolves.toEqual(one)
  for (const old of seen.slice(0, 3)) {
    await expect(database.query(old, 'SELECT 1')).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' })
  }
})

it.each(['Weird `name`', "it's", "x'; DROP USER a; --", 'back\\slash\\', 'at@sign'])(
  'a user called %s is only a name',
  async name => {
    const username = `${name} ${randomUUID().slice(0, 4)}`
    const account = `\`${username.replaceAll('`', '``')}\`@\`%\``
    await database.admin.query(`CREATE USER ${account} IDENTIFIED BY 'first'`)
    const user = { ...database.masterSecret(), username, password: 'first', masterarn: 'master' }
    const single = rotating({ db: user, master: { ...database.masterSecret() } }, { engine: engine() })
    await single.rotate('db')
    const secrets = { db: { ...single.read('db') }, master: { ...database.masterSecret() } }
    const { rotate, read } = rotating(secrets, { strategy: 'alternating-users', engine: engine() })
    await rotate('db')
    await rotate('db')
    expect(await database.query(read('db'), 'SELECT CURRENT_USER() AS name')).toEqual([[{ name: `${username}@%` }]])
    await expect(database.admin.query('SELECT 1')).resolves.toBeDefined()
  },
)
