import { Socket } from 'node:net'
import { authOf, type RedisLogin } from '../pools/redis-login.js'
import type { HookedRedis, Stream } from './driver.js'

/** Makes a connection wait for a login that works before its socket is opened. */
export function hookConnector(
  redis: HookedRedis,
  { take, onDisconnect }: { take: () => Promise<RedisLogin>; onDisconnect: () => void },
): void {
  const { connector } = redis
  const connect = connector.connect.bind(connector)
  const disconnect = connector.disconnect.bind(connector)
  let giveUp: () => void = () => {}

  connector.connect = async (...tellers) => {
    connector.connecting = true
    connector.firstError = undefined
    const givenUp = new Promise<undefined>(resolve => {
      giveUp = () => resolve(undefined)
    })
    try {
      const login = await Promise.race([take(), givenUp])
      if (login === undefined) return closedStream()
      redis.condition.auth = authOf(login)
    } catch (error) {
      // A client whose connector rejects ends for good. If the stream is closed instead, the client emits the error and reconnects.
      connector.firstError = error
      return closedStream()
    }
    return connect(...tellers)
  }
  connector.disconnect = () => {
    giveUp()
    onDisconnect()
    disconnect()
  }
}

function closedStream(): Stream {
  return new Socket().destroy()
}

/**
 * For a client that has started to connect when it was created, a moment ago. Its socket is opened without waiting, so the first command on
 * it is delayed, which is the login.
 */
export function holdStream(redis: HookedRedis, take: () => Promise<RedisLogin>): void {
  const known = take().then(
    login => {
      redis.condition.auth = authOf(login)
      return undefined
    },
    (error: unknown) => error as Error,
  )
  Object.defineProperty(redis, 'stream', {
    configurable: true,
    enumerable: true,
    get: () => undefined,
    set(stream: Stream) {
      Object.defineProperty(redis, 'stream', { configurable: true, enumerable: true, writable: true, value: stream })
      delayConnected(stream, known)
    },
  })
}

function delayConnected(stream: Stream, known: Promise<Error | undefined>): void {
  const once = stream.once.bind(stream)
  stream.once = (type, listener) => {
    if (type !== 'connect' && type !== 'secureConnect') return once(type, listener)
    return once(type, async () => {
      const error = await known
      if (error !== undefined) stream.destroy(error)
      else if (!stream.destroyed) listener()
    })
  }
  // The client adds its listeners synchronously; those that others add later must not be delayed.
  queueMicrotask(() => {
    stream.once = once
  })
}
