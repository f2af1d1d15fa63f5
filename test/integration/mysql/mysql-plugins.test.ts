import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from './database.js'
import { pairs } from './pair.js'

const database = useTestDatabase()
const { ask, linesOf, pairOf, makeMaster } = pairs(database)
beforeAll(() => ask("INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'"))

const pluginOf = (username: string) => linesOf(`SELECT plugin FROM mysql.user WHERE User = '${username}'`)

/** A pair whose first user has its password by this plugin. */
async function pairBy(plugin: string, options?: Parameters<typeof pairOf>[1]) {
  const user = await database.makeUser()
  await ask(`ALTER USER ${user.username}@'%' IDENTIFIED WITH ${plugin} BY '${user.password}'`)
  return pairOf(user, options)
}

describe('the authentication plugin of the second user', () => {
  it('is that of the first, which keeps it', async () => {
    const { user, rotate, read } = await pairBy('sha256_password')
    for (let turn = 0; turn < 3; turn += 1) {
      await rotate('db')
      await expect(database.query(read('db'), 'SELECT 1')).resolves.toBeDefined()
    }
    for (const name of [user.username, `${user.username}_clone`]) expect(await pluginOf(name)).toEqual(['sha256_password'])
  })

  it('follows that of the first at the next rotation to it', async () => {
    const { user, rotate, read } = await pairBy('sha256_password')
    await rotate('db')
    await rotate('db')
    const { username, password } = read('db')
    await ask(`ALTER USER ${username}@'%' IDENTIFIED WITH caching_sha2_password BY '${password}'`)
    await rotate('db')
    await expect(database.query(read('db'), 'SELECT 1')).resolves.toBeDefined()
    expect(await pluginOf(`${user.username}_clone`)).toEqual(['caching_sha2_password'])
  })

  it.each(['auth_socket', "caching_sha2_password BY 'of somebody'"])(
    'replaces what an account was identified with: %s',
    async by => {
      const { clone, user, rotate, read } = await pairBy('sha256_password')
      await ask(`CREATE USER ${clone} IDENTIFIED WITH ${by}`)
      await rotate('db')
      await expect(database.query(read('db'), 'SELECT 1')).resolves.toBeDefined()
      expect(await pluginOf(`${user.username}_clone`)).toEqual(['sha256_password'])
    },
  )

  describe("where the server's policy asks for another one", () => {
    beforeAll(() => ask("SET GLOBAL authentication_policy = 'sha256_password,,'"))
    afterAll(() => ask("SET GLOBAL authentication_policy = '*,,'"))

    it('is that of the first if the master may do that', async () => {
      const { user, rotate } = await pairBy('caching_sha2_password')
      await rotate('db')
      expect(await pluginOf(`${user.username}_clone`)).toEqual(['caching_sha2_password'])
    })

    it('is a reason to reject the rotation if it may not', async () => {
      const user = await database.makeUser()
      await ask(`ALTER USER ${user.username}@'%' IDENTIFIED WITH caching_sha2_password BY '${user.password}'`)
      const master = await makeMaster(`m_${user.username}`, [`ALL PRIVILEGES ON ${user.username}.*`])
      await expect(pairOf(user, { master }).rotate('db')).rejects.toMatchObject({
        code: 'ERR_ROTATION_STEP',
        message: expect.stringContaining('authentication_policy'),
        hint: expect.stringContaining('AUTHENTICATION_POLICY_ADMIN'),
      })
      expect(await pluginOf(`${user.username}_clone`)).toEqual([])
      await expect(database.query(user, 'SELECT 1')).resolves.toBeDefined()
    })
  })
})

it('a first user that logs in by something else than a password is rejected before anything is done', async () => {
  const { user, rotate, read } = await pairBy('caching_sha2_password')
  await rotate('db')
  await ask(`ALTER USER ${user.username}@'%' IDENTIFIED WITH auth_socket`)
  await expect(rotate('db')).rejects.toMatchObject({
    code: 'ERR_ROTATION_STEP',
    message: expect.stringContaining('auth_socket'),
    hint: expect.stringContaining('IDENTIFIED WITH'),
  })
  expect(read('db').username).toBe(`${user.username}_clone`)
})
