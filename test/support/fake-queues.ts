import type { QueuedMessage } from '../../src/sqs/sqs-api.js'

interface Command {
  readonly input: Record<string, unknown>
}

interface FakeQueue {
  readonly attributes: Record<string, string>
  readonly tags: Record<string, string>
  messages: QueuedMessage[]
}

/** An error as the AWS SDK throws it. */
export function serviceException(name: string, message: string = name, fault: 'client' | 'server' = 'client'): Error {
  return Object.assign(new Error(message), { name, $fault: fault, $metadata: { httpStatusCode: fault === 'client' ? 400 : 500 } })
}

/**
 * The few calls of SQS and SNS that a listener makes, in memory; it is the client of both. A receive waits until there is a message,
 * `endPolls` is called or its signal aborts. What is received comes again only by `put`.
 */
export class FakeQueues {
  readonly queues: Map<string, FakeQueue> = new Map()
  /** The endpoints that are subscribed, by the ARNs of their subscriptions. */
  readonly subscriptions: Map<string, string> = new Map()
  /** The names of the calls, in their order. */
  readonly calls: string[] = []
  /** What was asked of each call, in the same order. */
  readonly inputs: Record<string, unknown>[] = []
  /** Errors to throw, by the name of the call; each once. */
  readonly failures: Map<string, unknown[]> = new Map()
  /** Answers to give, by the name of the call; each once. */
  readonly answers: Map<string, unknown[]> = new Map()
  /** How many receives are waiting. */
  polls = 0
  #wake: (() => void)[] = []
  #subscribed = 0

  readonly send = async (command: Command, { abortSignal }: { abortSignal?: AbortSignal } = {}): Promise<unknown> => {
    const call = command.constructor.name.replace(/Command$/, '')
    this.calls.push(call)
    this.inputs.push(command.input)
    const failure = this.failures.get(call)?.shift()
    if (failure !== undefined) throw failure
    return this.answers.get(call)?.shift() ?? this.#answer(call, command.input, abortSignal)
  }

  add(url: string, { tags = {}, attributes = {} }: Partial<FakeQueue> = {}): void {
    this.queues.set(url, { attributes, tags, messages: [] })
  }

  put(url: string, ...bodies: string[]): void {
    const messages = bodies.map(Body => ({ MessageId: `id-of-${Body}`, Body, ReceiptHandle: `handle-of-${Body}` }))
    this.queues.get(url)?.messages.push(...messages)
    this.endPolls()
  }

  /** As if 20 seconds were over. */
  endPolls(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }

  failNext(call: string, ...errors: unknown[]): void {
    this.failures.set(call, errors)
  }

  answerNext(call: string, ...answers: unknown[]): void {
    this.answers.set(call, answers)
  }

  countOf(call: string): number {
    return this.calls.filter(each => each === call).length
  }

  /** The receipt handles that were deleted, in their order. */
  get deleted(): string[] {
    const entries = this.inputs.flatMap(({ Entries }) => (Entries as { ReceiptHandle: string }[] | undefined) ?? [])
    return entries.map(({ ReceiptHandle }) => ReceiptHandle)
  }

  #answer(call: string, input: Record<string, unknown>, signal?: AbortSignal): unknown {
    const url = input.QueueUrl as string
    switch (call) {
      case 'CreateQueue': {
        const created = `https://sqs.eu-central-1.amazonaws.com/111122223333/${input.QueueName}`
        this.add(created, { attributes: { ...(input.Attributes as object) }, tags: { ...(input.tags as object) } })
        return { QueueUrl: created }
      }
      case 'GetQueueAttributes':
        return { Attributes: { QueueArn: arnOf(url) } }
      case 'SetQueueAttributes':
        Object.assign(this.#queue(url).attributes, input.Attributes)
        return {}
      case 'TagQueue':
        Object.assign(this.#queue(url).tags, input.Tags)
        return {}
      case 'ListQueueTags':
        return { Tags: this.#queue(url).tags }
      case 'ListQueues':
        return {
          QueueUrls: [...this.queues.keys()].filter(each =>
            each
              .split('/')
              .at(-1)
              ?.startsWith(input.QueueNamePrefix as string),
          ),
        }
      case 'DeleteQueue':
        this.#queue(url)
        this.queues.delete(url)
        return {}
      case 'ReceiveMessage':
        return this.#receive(url, signal)
      case 'DeleteMessageBatch':
        return { Successful: [], Failed: [] }
      case 'Subscribe':
        return { SubscriptionArn: this.#subscribe(input.TopicArn as string, input.Endpoint as string) }
      case 'Unsubscribe':
        this.subscriptions.delete(input.SubscriptionArn as string)
        return {}
      case 'ListSubscriptionsByTopic':
        return { Subscriptions: [...this.subscriptions].map(([SubscriptionArn, Endpoint]) => ({ SubscriptionArn, Endpoint })) }
      default:
        throw new Error(`Not a call of a listener: ${call}`)
    }
  }

  async #receive(url: string, signal?: AbortSignal): Promise<{ Messages?: QueuedMessage[] }> {
    const queue = this.#queue(url)
    if (queue.messages.length === 0) {
      this.polls += 1
      await new Promise<void>((resolve, reject) => {
        this.#wake.push(resolve)
        signal?.addEventListener('abort', () => reject(new DOMException('Request aborted', 'AbortError')))
      }).finally(() => {
        this.polls -= 1
      })
    }
    const messages = this.#queue(url).messages.splice(0, 10)
    return messages.length === 0 ? {} : { Messages: messages }
  }

  #subscribe(topicArn: string, endpoint: string): string {
    for (const [arn, subscribed] of this.subscriptions) if (subscribed === endpoint) return arn
    this.#subscribed += 1
    const arn = `${topicArn}:${this.#subscribed}`
    this.subscriptions.set(arn, endpoint)
    return arn
  }

  #queue(url: string): FakeQueue {
    const queue = this.queues.get(url)
    if (queue === undefined) throw serviceException('QueueDoesNotExist', 'The specified queue does not exist.')
    return queue
  }
}

function arnOf(url: string): string {
  return `arn:aws:sqs:eu-central-1:111122223333:${url.split('/').at(-1)}`
}
