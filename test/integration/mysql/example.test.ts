import { expect, it, onTestFinished } from 'vitest'
import { serveToExample } from '../../support/example-world.js'
import { rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'
import { mysqlWorld } from './world.js'

const database = useTestDatabase()

it('the example of the driver mariadb counts on through a rotation', async () => {
  const user = { ...(await database.makeUser()), masterarn: 'master' }
  await database.query(user, 'CREATE TABLE orders (article TEXT)', "INSERT INTO orders VALUES ('chair')")
  const secrets = { db: { ...user }, master: { ...database.masterSecret() } }
  const rotation = rotating(secrets, { strategy: 'alternating-users', engine: mysqlWorld(database).engine() })
  await serveToExample(rotation.fake, { SECRET_ID: 'db' })
  const example = await import('../../../examples/mariadb/index.js')
  onTestFinished(() => example.close())

  expect(await example.countOrders()).toBe(1)
  rotation.fake.onEvent(event => example.secrets.handleRotationEvent(event))
  const rotated = rotation.rotate('db')
  const counted = await Promise.all(Array.from({ length: 50 }, () => example.countOrders()))
  await rotated
  expect(new Set(counted)).toEqual(new Set([1]))
  expect(await example.countOrders()).toBe(1)
})
