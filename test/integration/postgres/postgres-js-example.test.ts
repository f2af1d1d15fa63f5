import { expect, it, onTestFinished } from 'vitest'
import { serveToExample } from '../../support/example-world.js'
import { rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'
import { postgresWorld } from './world.js'

const database = useTestDatabase()

it('the example of postgres.js goes on through a rotation', async () => {
  const world = postgresWorld(database)
  const user = { ...(await world.makeUser()), masterarn: 'master' }
  await database.query(user, `CREATE TABLE ${user.username}.orders (article text)`)
  const rotation = rotating(
    { db: user, master: { ...world.masterSecret() } },
    { strategy: 'single-user', engine: world.engine() },
  )
  await serveToExample(rotation.fake, { SECRET_ID: 'db' })
  const example = await import('../../../examples/postgres-js/index.js')
  onTestFinished(() => example.close())

  expect(await example.addOrder('chair')).toBe(1)
  rotation.fake.onEvent(event => example.secrets.handleRotationEvent(event))
  const rotated = rotation.rotate('db')
  await Promise.all(Array.from({ length: 50 }, () => example.addOrder('table')))
  await rotated
  expect(await example.addOrder('lamp')).toBe(52)
})
