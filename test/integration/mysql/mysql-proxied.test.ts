import { expect, it, onTestFinished } from 'vitest'
import { useTestDatabase } from './database.js'
import { twoPasswords } from './two-passwords.js'

const database = useTestDatabase()
const { rotations, opens, isShut } = twoPasswords(database)

/** A user that is logged in as another one, whose password no rotation of its secret may change. */
async function makeProxied() {
  const { admin } = database
  const user = await database.makeUser()
  const other = { ...user, username: `dev_${user.username}`, password: 'of the other' }
  for (const { username, password } of [user, other]) {
    await admin.query(`DROP USER IF EXISTS ${username}@'%'`)
    await admin.query(`CREATE USER ${username}@'%' IDENTIFIED WITH sha256_password BY '${password}'`)
  }
  await admin.query(`GRANT SELECT ON ${user.username}.* TO ${other.username}@'%'`)
  // Nobody but root could give it by a statement.
  await admin.query(
    `INSERT INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant, Grantor) VALUES ('%', '${user.username}', '%', '${other.username}', 0, '')`,
  )
  await admin.query('FLUSH PRIVILEGES')
  const setBoth = async (to: number): Promise<void> => {
    for (const name of ['check_proxy_users', 'sha256_password_proxy_users']) await admin.query(`SET GLOBAL ${name} = ${to}`)
  }
  await setBoth(1)
  onTestFinished(() => setBoth(0))
  return { user, other }
}

it.each([true, false])(
  'a user that logs in as another one changes its own password alone (keepOldPassword: %s)',
  async keepOldPassword => {
    const { user, other } = await makeProxied()
    const { rotate, read } = rotations({ ...user, masterarn: 'master' }, { keepOldPassword })
    expect(await database.query(user, 'SELECT CURRENT_USER() AS account')).toEqual([[{ account: `${other.username}@%` }]])
    await rotate('db')
    await opens(read('db'))
    await isShut(user)
    await opens(other)
  },
)
