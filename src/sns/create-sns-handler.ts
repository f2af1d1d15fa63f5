import type { IncomingMessage, ServerResponse } from 'node:http'
import { Emitter } from '../core/events/emitter.js'
import { attachStatus } from '../core/events/status.js'
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

/** The options of `createSnsHandler`. */
export interface SnsHandlerOptions extends VerifySnsMessageOptions {
  /**
   * An SNSClient that confirms, subscribes and unsubscribes.
   * @default one that is created when it is first needed, in the Region of the topic
   */
  client?: SnsClientLike | undefined
}

/** A request handler for Node's HTTP server, and middleware for the frameworks that build on it. */
export interface SnsHandler {
  /** Responds to every request. Never throws; the promise resolves once the response has been sent. */
  (request: IncomingMessage, response: ServerResponse): Promise<void>
  /** The same for servers that use the web standard `Request` and `Response`. */
  fetch(request: Request): Promise<Response>
  /**
   * Subscribes a URL, at which this handler is reachable, to each topic. SNS then requests a confirmation, which the handler gives.
   * Resolves with the ARNs of the subscriptions; rejects with a `SecretCacheError` if a call to SNS fails.
   */
  subscribe(subscription: { endpoint: string }): Promise<string[]>
  /** Ends the subscriptions that `subscribe` has created. It tries all of them, and rejects if one could not be ended. */
  unsubscribe(): Promise<void>
  /** Adds a listener; the returned function removes it. */
  on<Type extends SnsHandlerEvent['type']>(
    type: Type,
    listener: (event: Extract<SnsHandlerEvent, { type: Type }>) => void,
  ): () => void
}

/** SNS retries a message for up to an hour; its clock and ours may differ. */
const defaultMaxAgeMs = 4_500_000

/**
 * Creates an HTTP handler that receives rotation events from SNS and passes them to a cache.
 *
 * Use it where one process serves one URL: behind a load balancer only one instance learns of a rotation, so use `listenToQueue` there. The
 * handler responds with 200 as soon as a message is verified and passed to the cache, with 403 to a message that can never be verified, and
 * with 503 to one that SNS should retry. It confirms subscriptions to the topics through the API, and never requests a URL from a message.
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
  attachStatus(handle, () => receiver.record.status)
  return Object.assign(handle, {
    fetch: async (request: Request) => webResponse(await answer(webRequest(request, bodies))),
    subscribe: ({ endpoint }: { endpoint: string }) => keepAlive.during(() => subscriptions.subscribe(endpoint)),
    unsubscribe: () => keepAlive.during(() => subscriptions.unsubscribe()),
    on: events.on.bind(events) as SnsHandler['on'],
  })
}
