import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { SecretCache } from 'awscurrent'
import { createRotationHandler, postgres } from 'awscurrent/rotation'
import { createSnsHandler } from 'awscurrent/sns'
import { FakeSecretsManager } from 'awscurrent/testing'
import pg from 'pg'
import { connectPostgres, startPostgres } from '../../test/support/postgres.js'
import { notification, signed, signer, topicArn } from '../../test/support/signed-messages.js'
import { makeCertificate } from '../../test/support/x509.js'
import type { DemoOptions } from './options.js'

/** What happens on the stage, in words. */
export type Tell = (what: string) => void

/** A database, a Secrets Manager and what stands between them and the service. */
export interface Stage {
  endpoint: string
  database: { host: string; port: number; ca: string }
  /** A client of the real SDK. */
  newClient(): SecretsManagerClient
  /** Opens the webhook of a service and subscribes it: each move of AWSCURRENT is signed and sent to it. */
  subscribe(cache: SecretCache): Promise<void>
  /** Has the secret rotated, step by step; resolves when AWSCURRENT has moved. */
  rotate(): Promise<void>
  close(): Promise<void>
}

/** Sets up everything that AWS and a DBA would provide. */
export async function setStage({ strategy, windowSeconds }: DemoOptions, tell: Tell): Promise<Stage> {
  const server = await startPostgres({ settings: { log_statement: 'none' } })
  const { host, port, ca } = server
  const admin = await connectPostgres(server)
  await admin.query(`CREATE ROLE app LOGIN PASSWORD 'the first password'`)
  await admin.end()

  const login = { engine: 'postgres', host, port, dbname: 'postgres' }
  const fake: FakeSecretsManager = new FakeSecretsManager({
    secrets: {
      'prod/db': { ...login, username: 'app', password: 'the first password', masterarn: 'prod/master' },
      'prod/master': { ...login, username: server.username, password: server.password },
    },
    async rotation(event) {
      if (event.Step === 'finishSecret') {
        tell('the database has the new password; AWSCURRENT is still the old one')
        await sleep(windowSeconds * 1_000)
      }
      await rotate(event)
    },
  })
  const service = await fake.listen()
  const newClient = (): SecretsManagerClient =>
    new SecretsManagerClient({
      region: fake.region,
      endpoint: service.endpoint,
      credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' },
    })
  const rotationClient = newClient()
  const rotate = createRotationHandler({ strategy, client: rotationClient, engine: postgres({ pg, ca }) })

  const closing: (() => unknown)[] = [() => rotationClient.destroy(), () => service.close(), () => server.stop()]
  return {
    endpoint: service.endpoint,
    database: { host, port, ca },
    newClient,

    async subscribe(cache) {
      const dayMs = 86_400_000
      const validity = { validFrom: new Date(Date.now() - dayMs), validTo: new Date(Date.now() + dayMs) }
      const certificate = makeCertificate({ publicKey: signer.publicKey, ...validity })
      // A service leaves out fetchCertificate: then AWS is asked.
      const handler = createSnsHandler(cache, { topicArns: [topicArn], fetchCertificate: async () => certificate })
      const webhook = createServer(handler)
      await new Promise<void>(resolve => webhook.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`
      closing.unshift(() => webhook.close())
      fake.onEvent(async event => {
        const body = signed(notification(JSON.stringify(event), { Timestamp: new Date().toISOString() }))
        const headers = { 'content-type': 'text/plain', 'x-amz-sns-message-type': 'Notification' }
        const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
        tell(`AWSCURRENT has moved; SNS told the webhook, which answered ${answer.status}`)
      })
    },

    async rotate() {
      tell('a rotation begins')
      const RotationLambdaARN = `arn:aws:lambda:${fake.region}:123456789012:function:rotate`
      fake.perform('RotateSecret', { SecretId: 'prod/db', RotationLambdaARN })
      await fake.idle()
      const { error } = fake.rotations.at(-1) ?? {}
      if (error !== undefined) throw error
    },

    async close() {
      for (const close of closing) await close()
    },
  }
}
