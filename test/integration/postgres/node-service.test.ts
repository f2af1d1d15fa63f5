import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { eventsDuring } from '../../support/events-during.js'
import { eventually } from '../../support/pool-scene.js'
import { type DatabaseFields, type Rotating, rotating } from '../../support/rotating.js'
import { certificateUrl, notification, signed, signer, topicArn } from '../../support/signed-messages.js'
import { type ScriptProcess, startScript } from '../../support/typescript-process.js'
import { makeCertificate } from '../../support/x509.js'
import { useTestDatabase } from './database.js'
import { makeOrders, postgresWorld } from './world.js'

const database = useTestDatabase()
const world = postgresWorld(database)

beforeAll(() => makeOrders(database))

/** The service as it is, but for the certificate of SNS, which is of our own making. */
const script = `
  const { fetch } = globalThis
  globalThis.fetch = (url, init) =>
    url === process.env.CERTIFICATE_URL ? Promise.resolve(new Response(process.env.CERTIFICATE)) : fetch(url, init)
  await import('./examples/node-service/index.ts')`

interface Service {
  readonly process: ScriptProcess
  readonly rotation: Rotating
  readonly user: DatabaseFields
  /** Resolves with the answer's status. */
  ask(method: 'GET' | 'POST', path: string, body?: string): Promise<number>
}

async function startService(): Promise<Service> {
  const user = { ...(await world.makeUser()), masterarn: 'master' }
  const rotation = rotating(
    { db: user, master: { ...world.masterSecret() } },
    { strategy: 'alternating-users', engine: world.engine() },
  )
  const secretsManager = await rotation.fake.listen()
  const day = 86_400_000
  const process = await startScript(script, {
    AWS_REGION: rotation.fake.region,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    SECRET_ID: 'db',
    TOPIC_ARN: topicArn,
    HOST: '127.0.0.1',
    PORT: '0',
    CERTIFICATE_URL: certificateUrl,
    CERTIFICATE: makeCertificate({
      publicKey: signer.publicKey,
      validFrom: new Date(Date.now() - day),
      validTo: new Date(Date.now() + day),
    }),
  })
  const agent = new Agent({ keepAlive: true })
  onTestFinished(async () => {
    process.child.kill('SIGKILL')
    await process.ended
    agent.destroy()
    await secretsManager.close()
  })
  const [, port] = /port: (\d+)/.exec(await process.said('port: ')) ?? []
  return {
    process,
    rotation,
    user,
    async ask(method, path, body = '') {
      const asked = request({ agent, host: '127.0.0.1', port, method, path }).end(body)
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      await text(response)
      return response.statusCode ?? 0
    },
  }
}

const countOrders = async (item: string): Promise<number> =>
  (await database.admin.query('SELECT count(*)::int AS n FROM orders WHERE item = $1', [item])).rows[0].n

describe('the example of a service', () => {
  it('fails no request while two users take turns, and SNS tells it', async () => {
    const { rotation, user, ask } = await startService()
    const statuses: number[] = []
    let over = false
    const order = async (): Promise<void> => {
      while (!over) statuses.push(await ask('POST', '/orders', 'book'))
    }
    const orders = Promise.all(Array.from({ length: 8 }, order))
    for (const from of [user.username, `${user.username}_clone`]) {
      await eventually(async () => expect(await world.sessions(from)).toBeGreaterThan(1))
      const events = await eventsDuring(rotation.fake, () => rotation.rotate('db'))
      for (const event of events) {
        const message = signed(notification(JSON.stringify(event), { Timestamp: new Date().toISOString() }))
        expect(await ask('POST', '/sns', JSON.stringify(message))).toBe(200)
      }
      await eventually(async () => expect(await world.sessions(from)).toBe(0))
    }
    over = true
    await orders
    expect(new Set(statuses)).toEqual(new Set([201]))
    expect(await countOrders('book')).toBe(statuses.length)
  })

  it('answers the requests under way when it is told to stop, then ends by itself', async () => {
    const { process, user, ask } = await startService()
    expect(await ask('GET', '/health')).toBe(200)
    expect(await ask('GET', '/nothing')).toBe(404)
    await database.admin.query('BEGIN; LOCK TABLE orders')
    const answer = ask('POST', '/orders', 'lamp')
    const waiting = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'"
    await eventually(async () => expect((await database.admin.query(waiting, [user.username])).rows).toEqual([{ n: 1 }]))
    process.child.kill('SIGTERM')
    await process.said('Stops')
    await database.admin.query('COMMIT')
    expect(await answer).toBe(201)
    expect(await process.ended).toMatchObject({ code: 0, stderr: '' })
    expect(await world.sessions(user.username)).toBe(0)
  })
})
