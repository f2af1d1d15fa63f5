import { describe, expect, it } from 'vitest'
import { useTestDatabase } from './database.js'
import { pairs } from './pair.js'

const database = useTestDatabase()
const { ask, linesOf, grantsOf, pairOf } = pairs(database)
const opens = (secret: Parameters<typeof database.query>[0]) => expect(database.query(secret, 'SELECT 1')).resolves.toBeDefined()

/** All that is said of an account, but its password. */
const described = async (username: string): Promise<string[]> => [
  ...(await grantsOf(username)),
  ...(await linesOf(`SHOW CREATE USER \`${username}\`@'%'`)).map(line => line.replace(/ IDENTIFIED .*?( REQUIRE |$)/s, '$1')),
]

describe('the first user of a pair', () => {
  it('keeps what an administrator has taken from it while the second was in use, and the second loses no grant', async () => {
    const pair = pairOf(await database.makeUser())
    const { username } = pair.user
    await ask(`GRANT PROCESS ON *.* TO ${username}@'%'`)
    await pair.rotate('db')
    for (const statement of [
      `REVOKE PROCESS ON *.* FROM ${username}@'%'`,
      `REVOKE DELETE ON ${username}.* FROM ${username}@'%'`,
      `GRANT SELECT ON mysql.* TO ${username}@'%'`,
      `ALTER USER ${username}@'%' REQUIRE SSL WITH MAX_USER_CONNECTIONS 7 PASSWORD EXPIRE INTERVAL 90 DAY`,
    ])
      await ask(statement)
    const before = await described(username)
    await pair.rotate('db')
    expect(pair.read('db').username).toBe(username)
    await opens(pair.read('db'))
    expect(await described(username)).toEqual(before)
    await pair.rotate('db')
    await opens(pair.read('db'))
    const clones = await described(`${username}_clone`)
    expect(clones).toContain('GRANT SELECT ON `mysql`.* TO USER@`%`')
    expect(clones.join()).toContain('PROCESS ON *.*')
    expect(clones.join()).toContain('MAX_USER_CONNECTIONS 7')
  })

  it('is not given to a user whose name happens to end in _clone', async () => {
    const billing = await database.makeUser()
    const clone = { ...billing, username: `${billing.username}_clone`, password: 'of a test' }
    await ask(`CREATE USER ${clone.username}@'%' IDENTIFIED BY '${clone.password}'`)
    const { rotate, read } = pairOf({ ...clone, dbname: 'information_schema' })
    await expect(rotate('db')).rejects.toMatchObject({
      code: 'ERR_ROTATION_STEP',
      message: expect.stringMatching(/has rights that .* lacks: ALL PRIVILEGES ON `/),
      hint: expect.stringContaining('administrator'),
    })
    expect(read('db').username).toBe(clone.username)
    await opens(billing)
    expect(await grantsOf(clone.username)).toEqual(['GRANT USAGE ON *.* TO USER@`%`'])
  })

  it('is not made: the second is made like the first', async () => {
    const user = await database.makeUser()
    await ask(`RENAME USER ${user.username}@'%' TO ${user.username}_clone@'%'`)
    const { rotate } = pairOf({ ...user, username: `${user.username}_clone` })
    await expect(rotate('db')).rejects.toMatchObject({
      message: expect.stringContaining('it has no account with the host'),
      hint: expect.stringContaining('administrator'),
    })
    expect(await linesOf(`SELECT User FROM mysql.user WHERE User = '${user.username}'`)).toEqual([])
  })
})

describe('a second user that is there already', () => {
  it('is refused if it may do what the first may not, and nothing is granted', async () => {
    const pair = pairOf(await database.makeUser())
    await ask(`CREATE USER ${pair.clone} IDENTIFIED BY 'of somebody'`)
    await ask(`GRANT PROCESS ON *.* TO ${pair.clone}`)
    const name = `${pair.user.username}_clone`
    const before = await described(name)
    await expect(pair.rotate('db')).rejects.toThrow(/has rights that .* lacks: PROCESS ON \*\.\*/)
    expect(await described(name)).toEqual(before)
    await opens({ ...pair.user, username: name, password: 'of somebody', dbname: 'information_schema' })
  })

  it('is completed if it may do less, as one that a rotation has left half made', async () => {
    const pair = pairOf(await database.makeUser())
    const { username } = pair.user
    await ask(`CREATE USER ${pair.clone} IDENTIFIED BY 'of nobody'`)
    await ask(`GRANT SELECT ON ${username}.* TO ${pair.clone}`)
    await pair.rotate('db')
    await opens(pair.read('db'))
    expect(await grantsOf(`${username}_clone`)).toEqual(await grantsOf(username))
  })

  it('keeps grants of its own, and goes on, once the login of AWSPREVIOUS has shown that it is the other of the pair', async () => {
    const pair = pairOf(await database.makeUser())
    for (let turn = 0; turn < 2; turn += 1) await pair.rotate('db')
    await ask(`GRANT PROCESS ON *.* TO ${pair.clone}`)
    await pair.rotate('db')
    await opens(pair.read('db'))
    expect((await grantsOf(`${pair.user.username}_clone`)).join()).toContain('PROCESS')
  })
})

it('a locked account is told of as one', async () => {
  const { user, rotate } = pairOf(await database.makeUser())
  await ask(`ALTER USER ${user.username}@'%' ACCOUNT LOCK`)
  await expect(rotate('db')).rejects.toThrow('the account is locked')
})
