import type { ParsedEvent, RejectedReason } from '../events/parsed-event.js'
import type { ParameterRules } from '../loads/parameter-source.js'
import { judgeEvent, judgeRecord } from './judge.js'
import { isUntrusted, type Untrusted } from './untrusted.js'

/** A message of SQS or EventBridge has at most 1 MiB. */
const longestText = 1024 * 1024
/** All texts of one payload together: a Lambda event has at most 6 MB, and a text may contain another. */
const mostText = 16 * longestText
/** The largest batch that Lambda reads from a queue. */
const mostEvents = 10_000
/** The records of Lambda, an SQS body, an SNS message, the event: four, and one to spare. */
const deepest = 5

/** Options of `parseRotationEvents`. */
export interface ParseOptions {
  /** The staging label that the cache reads. */
  versionStage: string
  /** The rules of the parameters that the cache reads. */
  parameters?: ParameterRules | undefined
}

/** What is left of the limits of one payload. */
interface Bounds {
  textLeft: number
  eventsLeft: number
}

/**
 * Parses the payload of any transport: an event of EventBridge or a CloudTrail record, alone or in an SNS notification, an SQS message or
 * its body, or the event of a Lambda function; as an object, text or bytes.
 *
 * Returns at least one element and never throws, for any input; time and memory are bounded.
 */
export function parseRotationEvents(payload: unknown, options: ParseOptions): ParsedEvent[] {
  return new Opener(options).open(payload, 0)
}

/** Opens one envelope after another until it finds events. */
class Opener {
  readonly #options: ParseOptions
  readonly #bounds: Bounds = { textLeft: mostText, eventsLeft: mostEvents }

  constructor(options: ParseOptions) {
    this.#options = options
  }

  open(value: unknown, depth: number): ParsedEvent[] {
    try {
      if (depth > deepest) return reject('nested too deeply')
      if (typeof value === 'string' || value instanceof Uint8Array) return this.#openText(value, depth)
      if (Array.isArray(value)) return this.#openAll(value, depth)
      return isUntrusted(value) ? this.#openObject(value, depth) : reject('not an event')
    } catch {
      // A getter or a proxy threw. The error may quote anything, so it is not repeated.
      return reject('unreadable')
    }
  }

  #openObject(value: Untrusted, depth: number): ParsedEvent[] {
    const { versionStage, parameters } = this.#options
    if (value['detail-type'] !== undefined && value.source !== undefined) {
      return [parameters?.parseEvent(value, versionStage) ?? judgeEvent(value, versionStage)]
    }

    const records = value.Records
    if (Array.isArray(records)) return this.#openAll(records, depth)

    const sns = value.Sns
    if (isUntrusted(sns)) return this.open(sns, depth + 1)

    if (typeof value.TopicArn === 'string') return this.#openSns(value, depth)

    // `Body` in messages of the SDK, `body` in records of Lambda.
    const body = value.Body ?? value.body
    if (body !== undefined) return this.open(body, depth + 1)

    const isRecord = typeof value.eventSource === 'string' && typeof value.eventName === 'string'
    return isRecord ? [judgeRecord(value, versionStage)] : reject('not an event')
  }

  #openSns(message: Untrusted, depth: number): ParsedEvent[] {
    if (message.Type === 'Notification') return this.open(message.Message, depth + 1)
    const isOfSubscription = message.Type === 'SubscriptionConfirmation' || message.Type === 'UnsubscribeConfirmation'
    return isOfSubscription ? [{ kind: 'ignored', reason: 'subscription message' }] : reject('not an event')
  }

  #openAll(values: readonly unknown[], depth: number): ParsedEvent[] {
    if (values.length === 0) return reject('empty')
    const events: ParsedEvent[] = []
    for (let index = 0; index < values.length; index += 1) {
      if (this.#bounds.eventsLeft <= 0) return [...events, ...reject('too many records')]
      this.#bounds.eventsLeft -= 1
      // No spread into push: a batch may have more events than a call may have arguments.
      for (const event of this.open(values[index], depth + 1)) events.push(event)
    }
    return events
  }

  #openText(text: string | Uint8Array, depth: number): ParsedEvent[] {
    if (text.length === 0) return reject('empty')
    if (text.length > longestText || text.length > this.#bounds.textLeft) return reject('too large')
    this.#bounds.textLeft -= text.length
    const content = parseText(text)
    if (content === undefined) return reject('not JSON')
    // No transport puts a JSON string into a text.
    return typeof content === 'string' ? reject('not an event') : this.open(content, depth)
  }
}

/** Undefined if it is not JSON. */
function parseText(text: string | Uint8Array): unknown {
  try {
    // A decoder drops the byte order mark; in a string, it has to be removed.
    const decoded =
      typeof text === 'string' ? text.replace(/^\uFEFF/, '') : new TextDecoder('utf-8', { fatal: true }).decode(text)
    return JSON.parse(decoded)
  } catch {
    return undefined
  }
}

function reject(reason: RejectedReason): ParsedEvent[] {
  return [{ kind: 'rejected', reason }]
}
