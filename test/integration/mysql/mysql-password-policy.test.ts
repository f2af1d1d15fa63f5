import { beforeAll, expect, it } from 'vitest'
import { useTestDatabase } from './database.js'
import { twoPasswords } from './two-passwords.js'

const database = useTestDatabase()
const { rotations, opens, isShut } = twoPasswords(database)

/** A user who may not keep two passwords, whose secret names a master that may do all. */
async function makeUser(): Promise<Awaited<ReturnType<typeof database.makeUser>>> {
  return { ...(await database.makeUser()), masterarn: 'master' }
}

beforeAll(async () => {
  // The policy LOW asks for eight characters, and applies to every password that is set from now on.
  await database.admin.query("INSTALL COMPONENT 'file://component_validate_password'")
  await database.admin.query('SET GLOBAL validate_password.policy = LOW')
})

it('the master ends the old password where the server has a policy', async () => {
  const first = await makeUser()
  const { rotate, read } = rotations(first, { keepOldPassword: false })
  await rotate('db')
  await opens(read('db'))
  await isShut(first)
})

it('and where it may not, the step fails before anything is changed', async () => {
  const first = await makeUser()
  const weak = { ...database.masterSecret(), ...(await database.makeUser()), dbname: undefined }
  const { rotate, fake } = rotations({ ...first, masterarn: 'weak' }, { keepOldPassword: false })
  fake.create('weak', weak)
  // A second password, so that a master is needed.
  await database.admin.query(`ALTER USER ${first.username}@'%' IDENTIFIED BY 'Another-2nd' RETAIN CURRENT PASSWORD`)
  await expect(rotate('db')).rejects.toThrow('an older password also opens the account')
  await opens(first)
  await opens({ ...first, password: 'Another-2nd' })
})

it('a current password that the policy would refuse today is rotated, and kept, by the master', async () => {
  const made = await makeUser()
  await database.admin.query('SET GLOBAL validate_password.length = 4')
  await database.admin.query(`ALTER USER ${made.username}@'%' IDENTIFIED BY 'weak'`)
  await database.admin.query('SET GLOBAL validate_password.length = 8')
  const first = { ...made, password: 'weak' }
  const { rotate, read, lost } = rotations(first)
  await rotate('db')
  await opens(read('db'))
  await opens(first)
  expect(lost()).toEqual([])
})
