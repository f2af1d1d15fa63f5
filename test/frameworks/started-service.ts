import { randomUUID } from 'node:crypto'
import { CreateTopicCommand, ListSubscriptionsByTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { onTestFinished } from 'vitest'
import type { PoolWorld } from '../support/pool-scene.js'
import { type DatabaseFields, type Rotating, rotating } from '../support/rotating.js'
import type { StartedProcess } from '../support/started-process.js'
import { type InstalledExample, serve } from './installed-example.js'

/** What a service answers. */
interface Answer {
  readonly status: number
  readonly body: unknown
  readonly cookie: string
}

/** An example of a service as a process of its own, with a database, and a queue that tells it of every rotation. */
export interface StartedService {
  readonly process: StartedProcess
  readonly rotation: Rotating
  readonly user: DatabaseFields
  get(path: string, cookie?: string): Promise<Answer>
  post(path: string, body: object): Promise<Answer>
  /** How often a secret was read. */
  reads(secretId: string): number
  /** Resolves with how many queues and subscriptions there are. */
  listeners(): Promise<{ queues: number; subscriptions: number }>
}

/** How a service is started. */
export interface ServiceOptions {
  /** A secret that there is not. */
  readonly missing?: string
  /** A secret that has rotated just before. */
  readonly rotated?: string
}

/** Starts a service. */
export async function startService(
  example: InstalledExample,
  world: Omit<PoolWorld, 'open'>,
  { motoEndpoint, missing, rotated }: ServiceOptions & { motoEndpoint: string },
): Promise<StartedService> {
  const user = { ...(await world.makeUser()), masterarn: 'master' }
  const secrets = {
    'prod/db': user,
    'prod/api-key': 'one',
    'prod/session': 'first'.padEnd(32, '-'),
    master: { ...world.masterSecret() },
  }
  const there = Object.entries(secrets).filter(([name]) => name !== missing)
  const rotation = rotating(Object.fromEntries(there), { strategy: 'alternating-users', engine: world.engine() })
  if (rotated !== undefined) rotation.fake.rotate(rotated, 'second'.padEnd(32, '-'))
  const settings = {
    endpoint: motoEndpoint,
    region: rotation.fake.region,
    credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
  }
  const sns = new SNSClient(settings)
  const sqs = new SQSClient(settings)
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: `rotations-${randomUUID()}` }))
  rotation.fake.onEvent(event => void sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(event) })))

  const process = example.start(['dist/main.js'], {
    ...(await serve(rotation.fake)),
    AWS_ENDPOINT_URL_SNS: motoEndpoint,
    AWS_ENDPOINT_URL_SQS: motoEndpoint,
    TOPIC_ARN: TopicArn,
    HOST: '127.0.0.1',
    PORT: '0',
  })
  onTestFinished(() => {
    sns.destroy()
    sqs.destroy()
  })
  const listening = process.said('isten').then(said => {
    const [, port] = /(?:port: |127\.0\.0\.1:)(\d+)/.exec(said) ?? []
    return `http://127.0.0.1:${port}`
  })
  // A service that does not start is what a test may be about.
  listening.catch(() => {})

  const request = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch((await listening) + path, init)
    const cookies = response.headers.getSetCookie().map(each => each.split(';')[0])
    return { status: response.status, body: await response.json(), cookie: cookies.join('; ') }
  }
  const headers = { 'content-type': 'application/json' }
  return {
    process,
    rotation,
    user,
    get: (path, cookie = '') => request(path, { headers: { cookie } }),
    post: (path, body) => request(path, { method: 'POST', headers, body: JSON.stringify(body) }),
    reads: secretId => rotation.fake.calls.filter(({ input }) => input.SecretId === secretId).length,
    async listeners() {
      const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}))
      const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))
      return { queues: QueueUrls.length, subscriptions: Subscriptions.length }
    },
  }
}
