import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer } from 'node:tls'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { createRotationHandler, type RotationHandler } from '../../src/rotation/index.js'
import { type FakeRotation, FakeSecretsManager, type SecretLabelUpdatedEvent } from '../../src/testing/index.js'
import { makeCertificate } from '../support/server-process.js'
import { ChaosProxy } from './chaos-proxy.js'
import { type ChaosDatabase, startDatabases } from './databases.js'
import { History } from './history.js'
import { monotonicMs } from './monotonic.js'

/** Secrets Manager over HTTPS behind a proxy, the databases, and the history of every secret. */
export interface Stage extends AsyncDisposable {
  readonly fake: FakeSecretsManager
  readonly keys: readonly string[]
  readonly databases: readonly ChaosDatabase[]
  /** The way to Secrets Manager. */
  readonly proxy: ChaosProxy
  readonly history: History
  /** The certificate of Secrets Manager, as a file. */
  readonly certificateFile: string
  onEvent(listener: (event: SecretLabelUpdatedEvent) => void): void
  /** Asks for a rotation of a database's secret, over and over until one has succeeded. Tells each time what it failed with. */
  rotate(database: ChaosDatabase, onFailure: (error: unknown) => void): Promise<void>
}

/** What ends the ARN of a secret, behind its name. */
const suffix = '-AbCdEf'

const keys = Array.from({ length: 12 }, (_, n) => `prod/key-${n}`)

/** Sets up everything but the service. */
export async function setStage(): Promise<Stage> {
  const databases = await startDatabases()
  const history = new History()
  const handlers = new Map<string, RotationHandler>()
  const fake: FakeSecretsManager = new FakeSecretsManager({
    async rotation(event) {
      const database = databases.find(({ secretId }) => event.SecretId.slice(0, -suffix.length).endsWith(`:secret:${secretId}`))
      database?.stepBegins()
      await handlers.get(database?.secretId ?? '')?.(event)
    },
  })
  const remember = (secretId: string, versionId: string): void => {
    const { SecretString } = fake.perform('GetSecretValue', { SecretId: secretId, VersionId: versionId })
    history.moved(secretId, versionId, String(SecretString), monotonicMs())
  }
  for (const key of keys) remember(key, fake.create(key, `${key} as it began`).versionId)
  for (const { secretId, secret } of databases) remember(secretId, fake.create(secretId, { ...secret }).versionId)
  fake.onEvent(({ detail }) => {
    if (detail.labelUpdated === 'AWSCURRENT') remember(detail.name, detail.versionId)
  })

  const service = await fake.listen()
  const client = new SecretsManagerClient({
    region: fake.region,
    endpoint: service.endpoint,
    credentials: { accessKeyId: 'chaos', secretAccessKey: 'chaos' },
    requestHandler: { requestTimeout: 2_000, throwOnRequestTimeout: true },
  })
  for (const { secretId, rotationEngine: engine } of databases) {
    handlers.set(secretId, createRotationHandler({ strategy: 'single-user', client, engine }))
  }
  const folder = mkdtempSync(join(tmpdir(), 'awscurrent-chaos-'))
  const front = await openTlsFront(folder, Number(new URL(service.endpoint).port))
  const proxy = await ChaosProxy.start(front.port)
  return {
    fake,
    keys,
    databases,
    proxy,
    history,
    certificateFile: front.certificateFile,
    onEvent: listener => fake.onEvent(listener),
    async rotate({ secretId }, onFailure) {
      for (;;) {
        const { status, error } = await tryToRotate(fake, secretId)
        if (status === 'succeeded') return
        onFailure(error)
        await sleep(300)
      }
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await proxy[Symbol.asyncDispose]()
      await front.close()
      await service.close()
      await Promise.all(databases.map(database => database[Symbol.asyncDispose]()))
      rmSync(folder, { recursive: true })
    },
  }
}

async function tryToRotate(fake: FakeSecretsManager, secretId: string): Promise<Partial<FakeRotation>> {
  const RotationLambdaARN = `arn:aws:lambda:${fake.region}:${fake.accountId}:function:rotate`
  try {
    fake.perform('RotateSecret', { SecretId: secretId, RotationLambdaARN })
  } catch (error) {
    if (!String(error).includes('will be reattempted')) throw error
  }
  const { ARN } = fake.perform('DescribeSecret', { SecretId: secretId })
  const last = (): Partial<FakeRotation> => fake.rotations.findLast(({ arn }) => arn === ARN) ?? {}
  while (last().status === 'running') await sleep(20)
  return last()
}

/** What makes HTTPS of the fake's HTTP: bytes that are spoilt on the way are found out, as they are in front of AWS. */
async function openTlsFront(
  folder: string,
  targetPort: number,
): Promise<{ port: number; certificateFile: string; close(): Promise<void> }> {
  const { keyFile, certificateFile } = makeCertificate(folder, 'localhost')
  const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) }, secure => {
    const onward = connect(targetPort, '127.0.0.1')
    secure.pipe(onward).pipe(secure)
    for (const [socket, other] of [
      [secure, onward],
      [onward, secure],
    ] as const) {
      socket.on('error', () => {})
      socket.on('close', () => other.destroy())
    }
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    certificateFile,
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}
