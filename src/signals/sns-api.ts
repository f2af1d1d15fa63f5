import { loadPeer } from '../core/failures/peer.js'
import type { BoundedCall } from './bounded-calls.js'
import { callFailure } from './call-failure.js'

type Sdk = typeof import('@aws-sdk/client-sns')

/** An SNSClient of the AWS SDK v3, or any object that sends its commands. */
export interface SnsClientLike {
  // A method, so that the SDK's own overloads are assignable.
  /** Sends a command and resolves with the response of the service. */
  send(command: never, options?: never): Promise<unknown>
}

/** The client as it is called here. */
interface Client {
  send(command: object, options: { abortSignal?: AbortSignal | undefined }): Promise<unknown>
}

/** A subscription to create. */
export interface Subscription {
  topicArn: string
  protocol: 'http' | 'https' | 'sqs'
  endpoint: string
}

/** An existing subscription of a topic. */
export interface ListedSubscription {
  arn: string
  endpoint: string
}

/** The SNS calls of this package, made with the AWS SDK, which is loaded with the first call. */
export class SnsApi {
  readonly #client: Client | undefined
  readonly #own = new Map<string, InstanceType<Sdk['SNSClient']>>()

  constructor(client: SnsClientLike | undefined) {
    this.#client = client as unknown as Client | undefined
  }

  /**
   * Resolves with the ARN of the subscription. AuthenticateOnUnsubscribe keeps others, who only know the unsubscribe URL in a message, from
   * ending it.
   */
  async confirm(topicArn: string, token: string, signal: AbortSignal): Promise<string> {
    const output = await this.#send(`ConfirmSubscription of ${topicArn}`, topicArn, signal, sdk => {
      return new sdk.ConfirmSubscriptionCommand({ TopicArn: topicArn, Token: token, AuthenticateOnUnsubscribe: 'true' })
    })
    return textOf(output, 'SubscriptionArn')
  }

  /** Resolves with the ARN of the subscription, also of one that already existed. */
  async subscribe({ topicArn, protocol, endpoint }: Subscription, signal?: AbortSignal): Promise<string> {
    const output = await this.#send(`Subscribe to ${topicArn}`, topicArn, signal, sdk => {
      return new sdk.SubscribeCommand({ TopicArn: topicArn, Protocol: protocol, Endpoint: endpoint, ReturnSubscriptionArn: true })
    })
    return textOf(output, 'SubscriptionArn')
  }

  async unsubscribe(subscriptionArn: string, signal?: AbortSignal): Promise<void> {
    await this.#send(`Unsubscribe of ${subscriptionArn}`, subscriptionArn, signal, sdk => {
      return new sdk.UnsubscribeCommand({ SubscriptionArn: subscriptionArn })
    })
  }

  /** The confirmed subscriptions of a topic; each page is one call. */
  async subscriptions(topicArn: string, call: BoundedCall): Promise<ListedSubscription[]> {
    const found: ListedSubscription[] = []
    let nextToken: string | undefined
    do {
      const input = { TopicArn: topicArn, NextToken: nextToken }
      const output = await call(signal => {
        return this.#send(`ListSubscriptionsByTopic of ${topicArn}`, topicArn, signal, sdk => {
          return new sdk.ListSubscriptionsByTopicCommand(input)
        })
      })
      const page = output as { Subscriptions?: { SubscriptionArn?: string; Endpoint?: string }[]; NextToken?: string }
      for (const { SubscriptionArn: arn, Endpoint: endpoint = '' } of page.Subscriptions ?? []) {
        // A subscription that awaits its confirmation has a word in place of its ARN.
        if (arn?.startsWith('arn:')) found.push({ arn, endpoint })
      }
      nextToken = page.NextToken
    } while (nextToken !== undefined)
    return found
  }

  /** A client that the caller passed in is not closed here. */
  close(): void {
    for (const client of this.#own.values()) client.destroy()
    this.#own.clear()
  }

  async #send(what: string, arn: string, signal: AbortSignal | undefined, command: (sdk: Sdk) => object): Promise<unknown> {
    try {
      const sdk = await loadPeer('@aws-sdk/client-sns', () => import('@aws-sdk/client-sns'))
      return await this.#clientFor(arn, sdk).send(command(sdk), { abortSignal: signal })
    } catch (error) {
      throw callFailure(what, error)
    }
  }

  #clientFor(arn: string, sdk: Sdk): Client {
    if (this.#client !== undefined) return this.#client
    const [, , , region = ''] = arn.split(':')
    const client = this.#own.get(region) ?? new sdk.SNSClient({ region, customUserAgent: 'awscurrent' })
    this.#own.set(region, client)
    return client as unknown as Client
  }
}

function textOf(output: unknown, key: string): string {
  const value = (output as Record<string, unknown> | undefined)?.[key]
  return typeof value === 'string' ? value : ''
}
