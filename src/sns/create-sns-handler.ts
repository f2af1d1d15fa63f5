import type { IncomingMessage, ServerResponse } from 'node:http'
import { Emitter } from '../core/events/emitter.js'
import { aClient, checkOptions, hasMethod } from '../core/options/check-options.js'
import { completeClock } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import type { RotationTarget } from '../signals/rotation-target.js'
import { SnsApi, type SnsClientLike } from '../signals/sns-api.js'
import { BodyReader } from './body.js'
import { type SnsHandlerEvent, snsHandlerEventTypes } from './handler-events.js'
import { nodeRequest, sendNode } from './node-request.js'
import { type IncomingRequest, Receiver, type Reply } from './receiver.js'
import { Subscriptions } from './subscriptions.js'
import { makeVerifier } from './verifier.js'
import { ownCertificates, type VerifySnsMessageOptions, verifierSettings, verifyRules } from './verify-options.js'
import { webRequest, webResponse } from './web-request.js'

/** What `createSnsHandler` takes. */
export interface SnsHandlerOptions extends VerifySnsMessageOptions {
  /** An SNSClient that confirms, subscribes and unsubscribes. @default one that is made when it is needed, in the Region of the topic */
  client?: SnsClientLike | undefined
}

/** A handler of Node's http server, and middleware of frameworks that stand on it. */
export interface SnsHandler {
  /** Answers every request that it is given. Never throws; the promise resolves with the answer sent. */
  (request: IncomingMessage, response: ServerResponse): Promise<void>
  /** The same for servers of the web standard. */
  fetch(request: Request): Promise<Response>
  /**
   * Subscribes a URL, at which this handler is reachable, to each topic. SNS then asks for a confirmation, which the handler gives.
   * Resolves with the ARNs of the subscriptions.
   */
  subscribe(subscription: { endpoint: string }): Promise<string[]>
  /** Ends the subscriptions that `subscribe` has made: all that it can, and rejects if it could not end one. */
  unsubscribe(): Promise<void>
  /** Adds a listener; the function it returns removes it again. */
  on<Type extends SnsHandlerEvent['type']>(
    type: Type,
    listener: (event: Extract<SnsHandlerEvent, { type: Type }>) => void,
  ): () => void
}

/** SNS sends a message again for up to an hour; its clock and ours may differ. */
const defaultMaxAgeMs = 4_500_000

/**
 * A handler that tells a cache of the rotations that SNS sends over HTTP.
 *
 * Use it where one process answers at one URL: behind a load balancer only one instance hears of a rotation. It answers 200 as soon as a
 * message is verified and the cache knows of it, 403 to what will never be right, 503 to what SNS should send again. Subscriptions to
 * the topics are confirmed through the API; no URL of a message is visited.
 *
 * ```ts
 * import http from 'node:http'
 * const sns = createSnsHandler(secrets, { topicArns: ['arn:aws:sns:eu-west-1:123456789012:secret-rotations'] })
 * http.createServer(sns).listen(8080)
 * await sns.subscribe({ endpoint: 'https://orders.example.com/sns' })
 * ```
 */
export function createSnsHandler(cache: RotationTarget, options: SnsHandlerOptions): SnsHandler {
  if (!hasMethod(cache, 'handleRotationEvent')) throw new TypeError('The cache must have a handleRotationEvent method.')
  checkOptions('createSnsHandler', options, { ...verifyRules, client: aClient })
  const verify = makeVerifier(verifierSettings(options, ownCertificates(options), defaultMaxAgeMs))
  const clock = completeClock(options.clock)
  const api = new SnsApi(options.client)
  const events = new Emitter<SnsHandlerEvent>(snsHandlerEventTypes)
  const receiver = new Receiver(cache, verify, api, events, clock)
  const bodies = new BodyReader(clock)
  const keepAlive = new KeepAlive()
  const answer = (request: IncomingRequest): Promise<Reply> => keepAlive.during(() => receiver.answer(request))
  const subscriptions = new Subscriptions(options.topicArns, api, clock)

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    sendNode(request, response, await answer(nodeRequest(request, bodies)))
  }
  return Object.assign(handle, {
    fetch: async (request: Request) => webResponse(await answer(webRequest(request, bodies))),
    subscribe: ({ endpoint }: { endpoint: string }) => keepAlive.during(() => subscriptions.subscribe(endpoint)),
    unsubscribe: () => keepAlive.during(() => subscriptions.unsubscribe()),
    on: events.on.bind(events) as SnsHandler['on'],
  })
}
