import { randomUUID } from 'node:crypto'
import type { CompleteClock } from '../core/time/clock.js'
import type { SnsApi } from '../signals/sns-api.js'
import { type BoundedCall, boundedCalls } from '../signals/within.js'
import type { WatchedQueue } from './queue-loop.js'
import { queueNamePrefix, queueTags } from './queue-tags.js'
import type { SqsApi } from './sqs-api.js'

/** A message that nobody has received by then is of no use to this instance any more: after such a gap it reads everything again. */
const ownRetentionMs = 300_000
const visibilitySeconds = 60

/** Everything an own queue is made with. */
export interface OwnQueueParts {
  readonly topicArn: string
  readonly sqs: SqsApi
  readonly sns: SnsApi
  readonly clock: CompleteClock
}

/** What there is of an own queue. */
interface Made {
  readonly url: string
  readonly arn: string
  readonly subscriptionArn: string
}

/** A queue that one instance makes for itself, subscribes to the topic, and removes. */
export class OwnQueue implements WatchedQueue {
  readonly retentionMs: number = ownRetentionMs
  readonly #call: BoundedCall
  readonly #parts: OwnQueueParts
  #made: Made | undefined
  /** Changes are made one after the other: else a heartbeat could subscribe what is being removed. */
  #lastChange: Promise<unknown> = Promise.resolve()

  constructor(parts: OwnQueueParts) {
    this.#parts = parts
    this.#call = boundedCalls(parts.clock)
  }

  get url(): string {
    return this.#made?.url ?? ''
  }

  /** Makes the queue and subscribes it. What was made is removed when a step fails. */
  create(): Promise<void> {
    return this.#inTurn(() => this.#create())
  }

  /** Makes another in its place: this one is gone. Until that succeeds, `url` is the old one. */
  replace(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#remove(this.#made)
      await this.#create()
    })
  }

  /**
   * Says that the instance is alive, and makes sure that the subscription is there still: a topic that is made again has lost it.
   * Resolves with whether it had to subscribe again.
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

  /** Removes subscription and queue as far as that works; resolves with what did not. */
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
    const queue = { name: queueNamePrefix + randomUUID(), attributes, tags: queueTags(topicArn, clock.now()) }
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

/** Lets the topic, and nobody else, send to the queue. */
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
