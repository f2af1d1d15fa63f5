import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { SecretCache } from 'awscurrent'
import { createRotationHandler, postgres } from 'awscurrent/rotation'
import { createSnsHandler } from 'awscurrent/sns'
import { FakeSecretsManager, type RotationFunctionEvent } from 'awscurrent/testing'
import pg from 'pg'
import { connectPostgres, startPostgres } from '../../test/support/postgres.js'
import { notification, signed, signer, topicArn } from '../../test/support/signed-messages.js'
import { makeCertificate } from '../../test/support/x509.js'
import type { DemoOptions } from './options.js'
import type { RunningRotation, Strategy } from './state.js'
import { Troubles } from './troubles.js'

/** What happens on the stage, in words. */
export type Tell = (what: string) => void

/** A database, a Secrets Manager and what stands between them and the service. */
export interface Stage {
  endpoint: string
  database: { host: string; port: number; ca: string }
  troubles: Troubles
  /** The rotation that goes on now. */
  readonly rotation: RunningRotation | undefined
  /** A client of the real SDK, as a service has it. */
  newClient(): SecretsManagerClient
  /** Opens the webhook of a service and subscribes it: each move of AWSCURRENT is signed and sent to it. */
  subscribe(cache: SecretCache): Promise<void>
  /** Has the secret rotated, step by step; resolves when AWSCURRENT has moved. */
  rotate(strategy: Strategy): Promise<void>
  /** Ends every connection of the application in the database. */
  cutConnections(): Promise<void>
  /** The labels of each version that has some. */
  labels(): ReadonlyMap<string, readonly string[]>
  close(): Promise<void>
}

/** Sets up everything that AWS and a DBA would provide. */
export async function setStage({ windowSeconds }: DemoOptions, tell: Tell): Promise<Stage> {
  const server = await startPostgres({ settings: { log_statement: 'none' } })
  const { host, port, ca } = server
  const admin = await connectPostgres(server)
  await admin.query(`CREATE ROLE app LOGIN PASSWORD 'the first password'`)

  let rotation: RunningRotation | undefined
  const ending = new AbortController()
  const login = { engine: 'postgres', host, port, dbname: 'postgres' }
  const fake: FakeSecretsManager = new FakeSecretsManager({
    secrets: {
      'prod/db': { ...login, username: 'app', password: 'the first password', masterarn: 'prod/master' },
      'prod/master': { ...login, username: server.username, password: server.password },
    },
    rotation: step,
  })
  const troubles = new Troubles(fake, tell)
  const service = await fake.listen()
  const newSdkClient = (): SecretsManagerClient =>
    new SecretsManagerClient({
      region: fake.region,
      endpoint: service.endpoint,
      credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' },
    })
  const rotationClient = newSdkClient()
  const newHandler = (strategy: Strategy) =>
    createRotationHandler({ strategy, client: rotationClient, engine: postgres({ pg, ca }) })
  const handlers = {
    'single-user': newHandler('single-user'),
    'alternating-users': newHandler('alternating-users'),
  }

  async function step(event: RotationFunctionEvent): Promise<void> {
    if (rotation === undefined) return
    if (event.Step === 'finishSecret') {
      rotation.inWindow = true
      tell('the database has the new password; AWSCURRENT is still the old one')
      await sleep(windowSeconds * 1_000, undefined, { signal: ending.signal })
    }
    // It runs while Secrets Manager works, and is repeated until it has run.
    for (;;) {
      while (troubles.stopRotations) await sleep(100, undefined, { signal: ending.signal })
      try {
        return await handlers[rotation.strategy](event)
      } catch (error) {
        if (!troubles.stopRotations) throw error
        tell('the rotation waits for Secrets Manager')
      }
    }
  }

  const closing: (() => unknown)[] = [
    () => rotationClient.destroy(),
    () => service.close(),
    () => admin.end(),
    () => server.stop(),
  ]
  return {
    endpoint: service.endpoint,
    database: { host, port, ca },
    troubles,
    get rotation() {
      return rotation
    },
    newClient() {
      const client = newSdkClient()
      troubles.applyTo(client)
      return client
    },

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
        if (troubles.has('lostEvents')) return tell('AWSCURRENT has moved; the event is lost')
        const body = signed(notification(JSON.stringify(event), { Timestamp: new Date().toISOString() }))
        const headers = { 'content-type': 'text/plain', 'x-amz-sns-message-type': 'Notification' }
        const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
        tell(`AWSCURRENT has moved; SNS told the webhook, which answered ${answer.status}`)
      })
    },

    async rotate(strategy) {
      rotation = { strategy, inWindow: false }
      tell(`a rotation begins: ${strategy === 'single-user' ? 'one user' : 'two users'}`)
      const RotationLambdaARN = `arn:aws:lambda:${fake.region}:123456789012:function:rotate`
      try {
        fake.perform('RotateSecret', { SecretId: 'prod/db', RotationLambdaARN })
        await fake.idle()
      } finally {
        rotation = undefined
      }
      const { error } = fake.rotations.at(-1) ?? {}
      if (error !== undefined && !ending.signal.aborted) throw error
    },

    async cutConnections() {
      const { rowCount } = await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('app', 'app_clone')`,
      )
      tell(`the database has ended ${rowCount} connections`)
    },

    labels() {
      const { VersionIdsToStages } = fake.perform('DescribeSecret', { SecretId: 'prod/db' })
      return new Map(Object.entries(VersionIdsToStages as Record<string, string[]>))
    },

    async close() {
      ending.abort()
      await fake.idle()
      for (const close of closing) await close()
    },
  }
}
