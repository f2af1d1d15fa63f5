import { randomUUID } from 'node:crypto'
import type { CompleteClock } from '../core/time/clock.js'
import { type BoundedCall, boundedCalls } from '../signals/bounded-calls.js'
import type { SnsApi } from '../signals/sns-api.js'
import type { WatchedQueue } from './queue-loop.js'
import { queueNamePrefix, queueTags } from './queue-tags.js'
import type { SqsApi } from './sqs-api.js'

/** After this time a message is of no more use to this instance: after such a gap it reads all secrets again. */
const ownRetentionMs = 300_000
const visibilitySeconds = 60

/** What an own queue needs. */
export interface OwnQueueParts {
  readonly topicArn: string
  readonly sqs: SqsApi
  readonly sns: SnsApi
  readonly clock: CompleteClock
}

/** The resources of an own queue. */
interface Made {
  readonly url: string
  readonly arn: string
  readonly subscriptionArn: string
}

/** A queue that one instance creates for itself, subscribes to the topic, and deletes. */
export class OwnQueue implements WatchedQueue {
  readonly retentionMs: number = ownRetentionMs
  readonly #call: BoundedCall
  readonly #parts: OwnQueueParts
  #made: Made | undefined
  /** Changes run one after the other: otherwise a heartbeat could subscribe a queue that is being deleted. */
  #lastChange: Promise<unknown> = Promise.resolve()

  constructor(parts: OwnQueueParts) {
    this.#parts = parts
    this.#call = boundedCalls(parts.clock)
  }

  get url(): string {
    return this.#made?.url ?? ''
  }

  /** Creates the queue and subscribes it. If a step fails, what was created is deleted. */
  create(): Promise<void> {
    return this.#inTurn(() => this.#create())
  }

  /** Creates another queue in place of one that is gone. Until that succeeds, `url` is the old one. */
  replace(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#remove(this.#made)
      await this.#create()
    })
  }

  /**
   * Renews the heartbeat, and makes sure that the subscription still exists: a topic that was created again has lost it. Resolves with
   * whether it had to subscribe again.
   */
  beat(): Promise<boolean> {
    return this.#inTurn(async () => {
      const { topicArn, sqs, clock } = this.#parts
      const made = this.#made
      if (made === undefined) return false
      await this.#call(signal => sqs.tag(made.url, queueTags(topicArn, clock.now()), signal))
      const subscriptionArn = await this.#subscribe(made.arn)
      this.#made = { ...made, subscriptionArn }
      return subscriptionArn !== made.subscriptionArn
    })
  }

  /** Deletes the subscription and the queue as far as possible; resolves with the errors of what was not deleted. */
  remove(): Promise<unknown[]> {
    return this.#inTurn(() => {
      const made = this.#made
      this.#made = undefined
      return this.#remove(made)
    })
  }

  async #create(): Promise<void> {
    const { topicArn, sqs, clock } = this.#parts
    const attributes = { MessageRetentionPeriod: String(ownRetentionMs / 1_000), VisibilityTimeout: String(visibilitySeconds) }
    const queue = {
      name: queueNamePrefix + randomUUID({ disableEntropyCache: true }),
      attributes,
      tags: queueTags(topicArn, clock.now()),
    }
    const url = await this.#call(signal => sqs.create(queue, signal))
    try {
      const arn = await this.#call(signal => sqs.arnOf(url, signal))
      await this.#call(signal => sqs.setPolicy(url, policyFor(arn, topicArn), signal))
      this.#made = { url, arn, subscriptionArn: await this.#subscribe(arn) }
    } catch (error) {
      await this.#remove({ url, arn: '', subscriptionArn: '' })
      throw error
    }
  }

  async #remove(made: Made | undefined): Promise<unknown[]> {
    if (made === undefined) return []
    const { sqs, sns } = this.#parts
    const calls = [this.#call(signal => sqs.deleteQueue(made.url, signal))]
    if (made.subscriptionArn !== '') calls.push(this.#call(signal => sns.unsubscribe(made.subscriptionArn, signal)))
    const outcomes = await Promise.allSettled(calls)
    return outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : []))
  }

  #subscribe(endpoint: string): Promise<string> {
    const { topicArn, sns } = this.#parts
    return this.#call(signal => sns.subscribe({ topicArn, protocol: 'sqs', endpoint }, signal))
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#lastChange.then(change)
    this.#lastChange = turn.catch(() => {})
    return turn
  }
}

/** Lets only the topic send to the queue. */
function policyFor(queueArn: string, topicArn: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ],
  }
}
