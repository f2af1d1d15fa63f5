import type { Emitter } from '../core/events/emitter.js'
import type { SecretCacheError } from '../core/failures/errors.js'
import type { CompleteClock } from '../core/time/clock.js'
import { callFailure, codedFailure } from '../signals/call-failure.js'
import { ListenerRecord } from '../signals/listener-status.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import { failedInPassing, type RotationTarget } from '../signals/rotation-target.js'
import type { SnsApi } from '../signals/sns-api.js'
import { BodyError } from './body.js'
import { Confirmations } from './confirmations.js'
import type { SnsHandlerEvent } from './handler-events.js'
import type { SnsMessage, SnsNotification, SnsSubscriptionMessage } from './sns-message.js'
import { SnsMessageError } from './sns-message-error.js'
import type { VerifyMessage } from './verifier.js'

/** A request of any server. */
export interface IncomingRequest {
  readonly method: string | undefined
  header(name: string): string | undefined
  /** The body, parsed or not. */
  body(): Promise<unknown>
}

/** The response to a request. */
export interface Reply {
  readonly status: number
  readonly text: string
}

/** SNS keeps the id of a message when it retries it. */
const mostRemembered = 1_000

/** Handles requests: verifies messages and acts on those that are genuine. */
export class Receiver {
  readonly record: ListenerRecord
  readonly #cache: RotationTarget
  readonly #verify: VerifyMessage
  readonly #events: Emitter<SnsHandlerEvent>
  readonly #confirmations: Confirmations
  readonly #messageIds = new RecentlyUsed<string, true>(mostRemembered)

  constructor(cache: RotationTarget, verify: VerifyMessage, api: SnsApi, events: Emitter<SnsHandlerEvent>, clock: CompleteClock) {
    this.record = new ListenerRecord(() => clock.now())
    this.#cache = cache
    this.#verify = verify
    this.#events = events
    this.#confirmations = new Confirmations(api, clock)
  }

  /** Never rejects. 403 is for what can never be verified, 503 for what SNS should retry. */
  async answer(request: IncomingRequest): Promise<Reply> {
    try {
      if (request.method !== 'POST') throw new BodyError(405, 'SNS sends its messages by POST.')
      if (request.header('x-amz-sns-rawdelivery') !== undefined)
        throw refused('Raw message delivery has no signature: switch it off.')
      const message = await this.#verify(await request.body())
      const type = request.header('x-amz-sns-message-type')
      if (type !== undefined && type !== message.Type)
        throw refused('The type in the header differs from the type in the message.')
      return await this.#accept(message)
    } catch (error) {
      return this.#refuse(error)
    }
  }

  async #accept(message: SnsMessage): Promise<Reply> {
    if (message.Type === 'SubscriptionConfirmation') return this.#confirm(message)
    if (this.#messageIds.has(message.MessageId)) return ok('delivered before')
    this.#messageIds.set(message.MessageId, true)
    this.record.received(1)
    if (message.Type === 'Notification') this.#signal(message)
    else this.#events.emit('unsubscribed', () => ({ topicArn: message.TopicArn }))
    return ok('accepted')
  }

  /** SNS does not wait for the refresh: it only needs to know that the message has arrived. */
  #signal(message: SnsNotification): void {
    const handled = (async () => this.#cache.handleRotationEvent(message))()
    handled.then(
      results => {
        if (failedInPassing(results)) this.#messageIds.delete(message.MessageId)
      },
      (error: unknown) => {
        this.#messageIds.delete(message.MessageId)
        this.#failed(callFailure('handleRotationEvent', error))
      },
    )
  }

  async #confirm(message: SnsSubscriptionMessage): Promise<Reply> {
    try {
      const subscriptionArn = await this.#confirmations.confirm(message)
      if (subscriptionArn === undefined) return ok('confirmed before')
      this.#events.emit('confirmed', () => ({ topicArn: message.TopicArn, subscriptionArn }))
      return ok('confirmed')
    } catch (thrown) {
      this.#failed(codedFailure('ConfirmSubscription', thrown))
      return { status: 503, text: 'The subscription could not be confirmed.' }
    }
  }

  #failed(error: SecretCacheError): void {
    this.record.failed(error)
    this.#events.emit('signalFailed', () => ({ error }))
  }

  #refuse(error: unknown): Reply {
    const { status, text } = answerTo(error)
    this.#events.emit('messageRefused', () => ({ status, error: error instanceof SnsMessageError ? error : undefined }))
    return { status, text }
  }
}

function answerTo(error: unknown): Reply {
  if (error instanceof SnsMessageError) return { status: error.retryable ? 503 : 403, text: `${error.code}: ${error.message}` }
  if (error instanceof BodyError) return { status: error.status, text: error.message }
  return { status: 503, text: 'The request cannot be read.' }
}

function ok(text: string): Reply {
  return { status: 200, text }
}

function refused(message: string): SnsMessageError {
  return new SnsMessageError({ code: 'ERR_SNS_MESSAGE', message })
}
