import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RotationEngine } from '../../src/rotation/index.js'
import type { FakeSecretValue } from '../../src/testing/index.js'
import { serve } from './orm-behaviours.js'
import { keepQuerying, type PoolWorld } from './pool-scene.js'
import { type DatabaseFields, rotating } from './rotating.js'

type Examples = typeof import('../../examples/secret-forms/connection-string.js')

/** A database server, and the pool that leads to it. */
interface FormsWorld extends Pick<PoolWorld, 'makeUser' | 'setPassword'> {
  /** What its connection strings begin with. */
  scheme: 'postgres' | 'mysql'
  /** The user that a query runs as. */
  whoAmI(example: Examples): Promise<string>
}

/** A form of secret: what the example reads, and how the password is changed in it. */
interface Form {
  secretId: string
  load(): Promise<Examples>
  textOf(user: DatabaseFields, scheme: string): string
}

const forms: Record<string, Form> = {
  'whose fields have other names': {
    secretId: 'db',
    load: () => import('../../examples/secret-forms/other-fields.js'),
    textOf: ({ username, password, host, port, dbname }) =>
      JSON.stringify({ dbUser: username, dbPassword: password, endpoint: host, dbPort: port, schema: dbname }),
  },
  'that RDS manages': {
    secretId: `rds!cluster-${randomUUID()}-Ab3dEf`,
    load: () => import('../../examples/secret-forms/rds-managed.js'),
    textOf: ({ username, password }) => JSON.stringify({ username, password }),
  },
  'that is a connection string': {
    secretId: 'db',
    load: () => import('../../examples/secret-forms/connection-string.js'),
    textOf({ username, password, host, port, dbname }, scheme) {
      const [user, secret, database] = [username, password, dbname ?? ''].map(encodeURIComponent)
      return `${scheme}://${user}:${secret}@${host}:${port}/${database}`
    },
  },
}

/** What the examples of secrets in other forms must do, on a real server, while the one user gets new passwords. */
export function describeSecretForms(world: FormsWorld): void {
  describe.each(Object.entries(forms))('a pool on a secret %s', (_, { secretId, load, textOf }) => {
    async function open() {
      let user = { ...(await world.makeUser()) }
      const newPassword = (): DatabaseFields => ({ ...user, password: `p@:/?#&% ${randomUUID()}` })
      user = newPassword()
      await world.setPassword(user.username, user.password)
      let next = user
      const engine: RotationEngine = {
        createSecret() {
          next = newPassword()
          return textOf(next, world.scheme)
        },
        setSecret: () => world.setPassword(next.username, next.password),
        testSecret() {},
      }
      const secret: FakeSecretValue = textOf(user, world.scheme)
      const rotation = rotating({ [secretId]: secret }, { engine })
      const { host, port, dbname = '' } = user
      await serve(rotation, { SECRET_ID: secretId, DB_HOST: host, DB_PORT: String(port), DB_NAME: dbname })
      const example = await load()
      onTestFinished(async () => {
        await Promise.all([example.postgres.end(), example.mariadb.end()])
        await example.secrets.close()
      })
      const whoAmI = (): Promise<string> => world.whoAmI(example)
      expect(await whoAmI()).toBe(user.username)
      return { rotation, example, whoAmI }
    }

    it('fails no query in rotations that are announced', async () => {
      const { rotation, example, whoAmI } = await open()
      onTestFinished(rotation.fake.onEvent(event => void example.secrets.handleRotationEvent(event)))
      const stop = keepQuerying({ whoAmI }, 8)
      for (let turn = 1; turn <= 3; turn += 1) await rotation.rotate(secretId)
      await whoAmI()
      expect(await stop()).toEqual([])
    })

    it('fails no query after a rotation that nobody announced', async () => {
      const { rotation, whoAmI } = await open()
      // One connection is open by now; the others log in with what the pool finds.
      await rotation.rotate(secretId)
      await Promise.all(Array.from({ length: 20 }, whoAmI))
    })
  })
}
