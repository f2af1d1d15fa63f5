import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { failoverSource } from '../../src/failover/index.js'
import { liteSource } from '../../src/lite/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.js'
import { patient, withEnv } from './support.js'

const id = 'prod/key'
const secret = {
  ARN: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/key-AbCdEf',
  Name: id,
  VersionId: '11111111-1111-4111-8111-111111111111',
  VersionStages: ['AWSCURRENT'],
  SecretString: 'x',
}

withEnv()

describe("a machine's clock that is wrong", () => {
  const name = 'InvalidSignatureException'
  let scripted: ScriptedServer
  const serverTime = Date.UTC(2031, 5, 1)
  const refuse =
    (date: number): ((request: unknown, response: ServerResponse) => void) =>
    (_, response) => {
      const headers = { date: new Date(date).toUTCString() }
      const sentAt = scripted.received.at(-1)?.headers['x-amz-date']
      if (sentAt === '20310601T000000Z') response.writeHead(200, headers).end(JSON.stringify(secret))
      else response.writeHead(400, headers).end(JSON.stringify({ __type: name, message: 'Signature expired' }))
    }
  const dates = (): unknown[] => scripted.received.map(({ headers }) => headers['x-amz-date'])

  afterEach(() => scripted.close())

  it("is corrected by the service's, once, and for all requests after", async () => {
    scripted = await startScriptedServer(refuse(serverTime))
    const skewed = liteSource({ region: 'x', endpoint: scripted.url, clock: new ManualClock(serverTime - 3_600_000) })
    expect(await skewed.get({ secretId: id }, patient)).toMatchObject({ name: id })
    await skewed.get({ secretId: id }, patient)
    expect(dates()).toEqual(['20310531T230000Z', '20310601T000000Z', '20310601T000000Z'])
  })

  it('is corrected for each of several calls side by side, which had all been signed by it', async () => {
    scripted = await startScriptedServer(refuse(serverTime))
    const skewed = liteSource({ region: 'x', endpoint: scripted.url, clock: new ManualClock(serverTime - 3_600_000) })
    const reads = [1, 2, 3, 4].map(() => skewed.get({ secretId: id }, patient))
    expect(await Promise.all(reads)).toMatchObject(reads.map(() => ({ name: id })))
    expect(dates().filter(date => date === '20310601T000000Z')).toHaveLength(4)
  })

  it('is corrected for what was signed before a freeze and sent after it', async () => {
    const thawed = new ManualClock(serverTime - 3_600_000)
    scripted = await startScriptedServer((request, response) => {
      if (scripted.received.length === 1) void thawed.advance(3_600_000)
      refuse(serverTime)(request, response)
    })
    const frozen = liteSource({ region: 'x', endpoint: scripted.url, clock: thawed })
    expect(await frozen.get({ secretId: id }, patient)).toMatchObject({ name: id })
    expect(dates()).toEqual(['20310531T230000Z', '20310601T000000Z'])
  })

  it('is no failure of a Region: no replica is asked', async () => {
    scripted = await startScriptedServer(refuse(serverTime))
    const clock = new ManualClock(serverTime - 3_600_000)
    let asked = 0
    const replica = {
      async get(): Promise<never> {
        asked += 1
        throw new Error('The replica is down.')
      },
    }
    const source = failoverSource([liteSource({ region: 'x', endpoint: scripted.url, clock }), replica], { clock })
    const reads = [1, 2, 3, 4].map(() => source.get({ secretId: id }, patient))
    expect(await Promise.all(reads)).toMatchObject(reads.map(() => ({ name: id })))
    expect(asked).toBe(0)
    await source.close?.()
  })

  it('is left alone if it agrees with the service, whose word then passes', async () => {
    scripted = await startScriptedServer(refuse(serverTime))
    const wrongKey = liteSource({ region: 'x', endpoint: scripted.url, clock: new ManualClock(serverTime - 60_000) })
    await expect(wrongKey.get({ secretId: id }, patient)).rejects.toMatchObject({ name })
    expect(dates()).toEqual(['20310531T235900Z'])
  })

  it('is tried no third time', async () => {
    scripted = await startScriptedServer(refuse(serverTime + 7_200_000))
    const skewed = liteSource({ region: 'x', endpoint: scripted.url, clock: new ManualClock(serverTime + 3_600_000) })
    await expect(skewed.get({ secretId: id }, patient)).rejects.toMatchObject({ name })
    expect(dates()).toHaveLength(2)
  })
})
