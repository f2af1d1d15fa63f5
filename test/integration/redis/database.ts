import { randomUUID } from 'node:crypto'
import { createClient, type RedisClientType } from 'redis'
import { afterAll, beforeAll, expect } from 'vitest'
import type { RotationEngine } from '../../../src/rotation/index.js'
import { eventually } from '../../support/pool-scene.js'
import { type RedisServer, startRedis } from '../../support/redis.js'
import { useServer } from '../../support/use-server.js'

/** What the secret of a user of Redis holds. */
export interface RedisFields {
  username: string
  password: string
}

/** A Redis for the tests of one file. */
export interface TestDatabase {
  readonly server: RedisServer
  readonly admin: RedisClientType
  /** A user who may do everything. */
  makeUser(): Promise<RedisFields>
  /** Sets the one password of a user, who is made if need be. Open connections stay as they are. */
  setPassword(user: RedisFields): Promise<unknown>
  /** Ends the connections of a user. */
  kill(username: string): Promise<unknown>
  /** Rotates users: with the old password and the new until a rotation has finished. */
  engine(): RotationEngine
}

/** Starts the server before the tests of the file and stops it after them. */
export function useTestDatabase({ cluster = false }: { cluster?: boolean } = {}): TestDatabase {
  const used = useServer(() => startRedis({ cluster }))
  let admin: RedisClientType
  beforeAll(async () => {
    const { server } = used
    admin = await createClient({ socket: server, password: server.password }).connect()
    if (!cluster) return
    await admin.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
    await eventually(async () => expect(await admin.sendCommand(['CLUSTER', 'INFO'])).toContain('cluster_state:ok'))
  })
  afterAll(() => admin?.destroy())

  const setUser = (username: string, ...rules: string[]): Promise<unknown> =>
    admin.sendCommand(['ACL', 'SETUSER', username, 'on', '~*', '&*', '+@all', ...rules])
  const setPassword = ({ username, password }: RedisFields): Promise<unknown> => setUser(username, 'resetpass', `>${password}`)

  return {
    get server() {
      return used.server
    },
    get admin() {
      return admin
    },
    async makeUser() {
      const user = { username: `app_${randomUUID().slice(0, 8)}`, password: randomUUID() }
      await setPassword(user)
      return user
    },
    setPassword,
    kill: username => admin.sendCommand(['CLIENT', 'KILL', 'USER', username]),
    engine: () => ({
      createSecret: ({ current }) => JSON.stringify({ ...JSON.parse(current), password: randomUUID() }),
      async setSecret({ pending }) {
        const { username, password } = JSON.parse(pending) as RedisFields
        await setUser(username, `>${password}`)
      },
      async testSecret({ pending }) {
        const client = await createClient({ socket: used.server, ...(JSON.parse(pending) as RedisFields) }).connect()
        client.destroy()
      },
      finishSecret: ({ current }) => setPassword(JSON.parse(current)),
    }),
  }
}
