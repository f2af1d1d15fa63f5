import { judgeEvent, judgeRecord } from './judge.js'
import type { ParsedEvent, RejectedReason } from './parsed-event.js'
import { isUntrusted, textField, type Untrusted } from './untrusted.js'

/** A message of SQS or EventBridge has at most 1 MiB. */
const longestText = 1024 * 1024
/** All texts of one payload together: Lambda hands over at most 6 MB, and a text may hold another. */
const mostText = 16 * longestText
/** The largest batch that Lambda takes from a queue. */
const mostEvents = 10_000
/** Lambda's records, an SQS body, an SNS message, the event: four, and one to spare. */
const deepest = 5

const messageIdForm = /^[\w-]{1,128}$/

/** What `parseRotationEvents` takes beside the payload. */
export interface ParseOptions {
  /** The staging label that is followed. */
  versionStage: string
}

/** What is left of the bounds of one payload. */
interface Bounds {
  textLeft: number
  eventsLeft: number
}

/** Where in a payload something stands. */
interface Place {
  readonly depth: number
  /** The id of the outermost message: the one by which a transport knows it. */
  readonly messageId: string | undefined
}

/**
 * Reads what any transport delivers: an event of EventBridge or a CloudTrail record, bare or in an SNS notification, an SQS message or
 * its body, or the event of a Lambda function; as an object, text or bytes.
 *
 * Answers at least one element and never throws, whatever it is given; time and memory are bounded.
 */
export function parseRotationEvents(payload: unknown, { versionStage }: ParseOptions): ParsedEvent[] {
  return new Opener(versionStage).open(payload, { depth: 0, messageId: undefined })
}

/** Opens envelope after envelope until it comes upon events. */
class Opener {
  readonly #versionStage: string
  readonly #bounds: Bounds = { textLeft: mostText, eventsLeft: mostEvents }

  constructor(versionStage: string) {
    this.#versionStage = versionStage
  }

  open(value: unknown, place: Place): ParsedEvent[] {
    try {
      if (place.depth > deepest) return reject('nested too deeply', place)
      if (typeof value === 'string' || value instanceof Uint8Array) return this.#openText(value, place)
      if (Array.isArray(value)) return this.#openAll(value, place)
      return isUntrusted(value) ? this.#openObject(value, place) : reject('not an event', place)
    } catch {
      // A getter or a proxy threw. What it threw may quote anything.
      return reject('unreadable', place)
    }
  }

  #openObject(value: Untrusted, place: Place): ParsedEvent[] {
    if (value['detail-type'] !== undefined && value.source !== undefined) {
      return found(judgeEvent(value, this.#versionStage), place)
    }

    const records = value.Records
    if (Array.isArray(records)) return this.#openAll(records, place)

    const sns = value.Sns
    if (isUntrusted(sns)) return this.open(sns, deeper(place))

    if (typeof value.TopicArn === 'string') return this.#openSns(value, place)

    // `Body` of the SDK's messages, `body` of Lambda's records.
    const body = value.Body ?? value.body
    if (body !== undefined) {
      const messageId = textField(value, 'MessageId', messageIdForm) ?? textField(value, 'messageId', messageIdForm)
      return this.open(body, deeper(place, messageId))
    }

    const isRecord = typeof value.eventSource === 'string' && typeof value.eventName === 'string'
    return isRecord ? found(judgeRecord(value, this.#versionStage), place) : reject('not an event', place)
  }

  #openSns(message: Untrusted, place: Place): ParsedEvent[] {
    const inside = deeper(place, textField(message, 'MessageId', messageIdForm))
    if (message.Type === 'Notification') return this.open(message.Message, inside)
    const isOfSubscription = message.Type === 'SubscriptionConfirmation' || message.Type === 'UnsubscribeConfirmation'
    return isOfSubscription ? found({ kind: 'ignored', reason: 'subscription message' }, inside) : reject('not an event', inside)
  }

  #openAll(values: readonly unknown[], place: Place): ParsedEvent[] {
    if (values.length === 0) return reject('empty', place)
    const events: ParsedEvent[] = []
    for (let index = 0; index < values.length; index += 1) {
      if (this.#bounds.eventsLeft <= 0) return [...events, ...reject('too many records', place)]
      this.#bounds.eventsLeft -= 1
      // Not by spreading into push: a batch may be longer than the arguments of a call.
      for (const event of this.open(values[index], deeper(place))) events.push(event)
    }
    return events
  }

  #openText(text: string | Uint8Array, place: Place): ParsedEvent[] {
    if (text.length === 0) return reject('empty', place)
    if (text.length > longestText || text.length > this.#bounds.textLeft) return reject('too large', place)
    this.#bounds.textLeft -= text.length
    const content = parseText(text)
    if (content === undefined) return reject('not JSON', place)
    // A text in a text is no transport's way.
    return typeof content === 'string' ? reject('not an event', place) : this.open(content, place)
  }
}

/** Undefined if it is not JSON. */
function parseText(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch {
    return undefined
  }
}

function deeper({ depth, messageId }: Place, innerId?: string): Place {
  return { depth: depth + 1, messageId: messageId ?? innerId }
}

function found(event: ParsedEvent, { messageId }: Place): ParsedEvent[] {
  return [messageId === undefined ? event : { ...event, messageId }]
}

function reject(reason: RejectedReason, place: Place): ParsedEvent[] {
  return found({ kind: 'rejected', reason }, place)
}
