import type { SecretCache } from 'awscurrent'
import type { QueueListener } from 'awscurrent/sqs'
import { type Child, onSignals } from '../child.js'
import type { Voice } from '../say.js'
import { type References, readValues, type Values } from './environment.js'
import { Restarts } from './restarts.js'

/** What `follow` needs. */
export interface FollowOptions {
  cache: SecretCache
  references: References
  /** The values that were read. */
  values: Values
  start(values: Values): Promise<Child>
  ttlMs: number
  graceMs: number
  spreadMs: number
  /** Where rotations are heard of; without it, they are found when the values are read again. */
  topicArn: string | undefined
  voice: Voice
  /** Aborted by a signal that came before there was a child. */
  stop: AbortSignal
}

/** Runs a command, starts it anew whenever one of its values has changed, and resolves with its exit code. */
export async function follow(options: FollowOptions): Promise<number> {
  const { cache, references, values, start, ttlMs, topicArn, voice, stop } = options
  const listener = topicArn === undefined ? undefined : await listen(cache, topicArn, voice)
  let timer: NodeJS.Timeout | undefined
  let leave = (): void => {}
  try {
    stop.throwIfAborted()
    const restarts = new Restarts({ ...options, read: () => readValues(cache, references) }, values, await start(values))
    leave = onSignals(signal => restarts.forward(signal))
    if (stop.aborted) restarts.forward(stop.reason)
    cache.on('rotated', () => restarts.check())
    timer = setInterval(() => restarts.check(), ttlMs)
    return await restarts.ended()
  } finally {
    clearInterval(timer)
    leave()
    await listener?.close()
  }
}

async function listen(cache: SecretCache, topicArn: string, voice: Voice): Promise<QueueListener> {
  const { listenToQueue } = await import('awscurrent/sqs')
  const listener = await voice.waiting('Subscribing a queue to the topic.', listenToQueue(cache, { topicArn }))
  for (const type of ['receiveFailed', 'queueFailed'] as const)
    listener.on(type, ({ error }) => voice.say(type, error.message, { code: error.code }))
  return listener
}
