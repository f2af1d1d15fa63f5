import { loadPeer } from '../core/failures/peer.js'
import type { BoundedCall } from '../signals/bounded-calls.js'
import { callFailure } from '../signals/call-failure.js'

type Sdk = typeof import('@aws-sdk/client-sqs')

/** An SQSClient of the AWS SDK v3, or any object that sends its commands. */
export interface SqsClientLike {
  // A method, so that the SDK's own overloads are assignable.
  /** Sends a command and resolves with the response of the service. */
  send(command: never, options?: never): Promise<unknown>
}

/** The client as it is called here. */
interface Client {
  send(command: object, options: { abortSignal?: AbortSignal | undefined }): Promise<unknown>
  destroy?(): void
}

/** A message as it is received from a queue. */
export interface QueuedMessage {
  readonly MessageId?: string
  readonly Body?: string
  readonly ReceiptHandle?: string
}

/** A queue to create. */
export interface NewQueue {
  readonly name: string
  readonly attributes: Record<string, string>
  readonly tags: Record<string, string>
}

/** Why one message of a batch was not deleted. */
interface FailedEntry {
  readonly Code?: string
  readonly Message?: string
  readonly SenderFault?: boolean
}

/** How long a receive waits for a message: the longest time that SQS allows, and so the fewest requests. */
const waitSeconds = 20
/** The maximum number of messages in one receive or one delete. */
const mostMessages = 10
const pageSize = 1_000

/** The SQS calls of this package, made with the AWS SDK, which is loaded with the first call. */
export class SqsApi {
  readonly #region: string | undefined
  #client: Client | undefined
  readonly #isOwn: boolean

  constructor(client: SqsClientLike | undefined, region: string | undefined) {
    this.#client = client as unknown as Client | undefined
    this.#isOwn = client === undefined
    this.#region = region
  }

  /** Waits for messages; resolves with an empty list after 20 s without one. */
  async receive(queueUrl: string, signal: AbortSignal): Promise<readonly QueuedMessage[]> {
    const input = { QueueUrl: queueUrl, MaxNumberOfMessages: mostMessages, WaitTimeSeconds: waitSeconds }
    const output = await this.#send(`ReceiveMessage from ${queueUrl}`, sdk => new sdk.ReceiveMessageCommand(input), signal)
    return (output as { Messages?: QueuedMessage[] }).Messages ?? []
  }

  /** Deletes the messages of one receive. Rejects if one of them is not deleted; the others are deleted anyway. */
  async deleteMessages(queueUrl: string, messages: readonly QueuedMessage[], signal: AbortSignal): Promise<void> {
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    const what = `DeleteMessageBatch of ${queueUrl}`
    const output = await this.#send(what, sdk => new sdk.DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }), signal)
    const { Failed = [] } = output as { Failed?: (FailedEntry | null)[] }
    if (Failed.length > 0)
      throw callFailure(`${what} (${Failed.length} of ${messages.length} messages)`, exceptionOf(Failed[0] ?? {}))
  }

  /** Resolves with the URL. */
  async create({ name, attributes, tags }: NewQueue, signal: AbortSignal): Promise<string> {
    const input = { QueueName: name, Attributes: attributes, tags }
    const output = await this.#send(`CreateQueue ${name}`, sdk => new sdk.CreateQueueCommand(input), signal)
    return (output as { QueueUrl?: string }).QueueUrl ?? ''
  }

  async arnOf(queueUrl: string, signal: AbortSignal): Promise<string> {
    const output = await this.#send(
      `GetQueueAttributes of ${queueUrl}`,
      sdk => new sdk.GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
      signal,
    )
    return (output as { Attributes?: Record<string, string> }).Attributes?.QueueArn ?? ''
  }

  async setPolicy(queueUrl: string, policy: object, signal: AbortSignal): Promise<void> {
    const input = { QueueUrl: queueUrl, Attributes: { Policy: JSON.stringify(policy) } }
    await this.#send(`SetQueueAttributes of ${queueUrl}`, sdk => new sdk.SetQueueAttributesCommand(input), signal)
  }

  async tag(queueUrl: string, tags: Record<string, string>, signal: AbortSignal): Promise<void> {
    await this.#send(`TagQueue ${queueUrl}`, sdk => new sdk.TagQueueCommand({ QueueUrl: queueUrl, Tags: tags }), signal)
  }

  async tagsOf(queueUrl: string, signal: AbortSignal): Promise<Record<string, string>> {
    const output = await this.#send(
      `ListQueueTags of ${queueUrl}`,
      sdk => new sdk.ListQueueTagsCommand({ QueueUrl: queueUrl }),
      signal,
    )
    return (output as { Tags?: Record<string, string> }).Tags ?? {}
  }

  /** The URLs of all queues whose names start with the prefix; each page is one call. */
  async list(prefix: string, call: BoundedCall): Promise<string[]> {
    const urls: string[] = []
    let nextToken: string | undefined
    do {
      const input = { QueueNamePrefix: prefix, MaxResults: pageSize, ...(nextToken !== undefined && { NextToken: nextToken }) }
      const output = await call(signal => this.#send(`ListQueues ${prefix}`, sdk => new sdk.ListQueuesCommand(input), signal))
      const page = output as { QueueUrls?: string[]; NextToken?: string }
      urls.push(...(page.QueueUrls ?? []))
      nextToken = page.NextToken
    } while (nextToken !== undefined)
    return urls
  }

  async deleteQueue(queueUrl: string, signal: AbortSignal): Promise<void> {
    await this.#send(`DeleteQueue ${queueUrl}`, sdk => new sdk.DeleteQueueCommand({ QueueUrl: queueUrl }), signal)
  }

  /** A client that the caller passed in is not closed here. */
  close(): void {
    if (this.#isOwn) this.#client?.destroy?.()
  }

  async #send(what: string, command: (sdk: Sdk) => object, signal: AbortSignal): Promise<unknown> {
    try {
      const sdk = await loadPeer('@aws-sdk/client-sqs', () => import('@aws-sdk/client-sqs'))
      const settings = { ...(this.#region !== undefined && { region: this.#region }), customUserAgent: 'awscurrent' }
      this.#client ??= new sdk.SQSClient(settings) as unknown as Client
      return (await this.#client.send(command(sdk), { abortSignal: signal })) ?? {}
    } catch (error) {
      throw callFailure(what, error)
    }
  }
}

/** As the SDK would throw it for a call with one message. */
function exceptionOf({ Code, Message, SenderFault }: FailedEntry): unknown {
  return { name: Code, message: Message ?? 'No reason is given.', $fault: SenderFault ? 'client' : 'server' }
}
