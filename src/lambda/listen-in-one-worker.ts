import { BroadcastChannel } from 'node:worker_threads'
import { aFunction, aText, checkOptions, hasMethod, type OptionRules } from '../core/options/check-options.js'
import type { RevalidationTarget } from '../signals/rotation-target.js'
import { WorkerPlace } from './worker-place.js'

/** Options of `listenInOneWorker`. */
export interface OneWorkerOptions {
  /**
   * Starts the listener, such as `target => listenToQueue(target, { topicArn })`. What it passes to `target` reaches the caches of all
   * workers. It is called in one worker at a time: again in another one when that worker has ended.
   */
  listen(target: RevalidationTarget): Promise<{ close(): Promise<void> }>
  /** Is told when this worker could not take over from one that has ended. Another attempt follows in a minute. @default ignored */
  onError?: ((error: unknown) => void) | undefined
  /** Workers that pass the same name share a listener: another topic needs another name. @default 'rotations' */
  name?: string | undefined
}

/** This worker's part in a listener that the workers of a process share. */
export interface OneWorkerListener extends AsyncDisposable {
  /** Whether the listener runs in this worker. */
  readonly isListening: boolean
  /** Ends this worker's part. If the listener runs in it, another worker takes over. Idempotent. */
  close(): Promise<void>
}

const retryMs = 60_000
const rules: OptionRules = { listen: aFunction, onError: aFunction, name: aText }

/**
 * Starts one listener for all worker threads of a process, such as the eight workers per vCPU of a Lambda Managed Instance.
 *
 * Call it in each worker with that worker's cache. One of them listens and passes on what it hears to the others, within the process; when
 * it ends, even by a crash, another one takes over and all caches revalidate. Secrets are not passed on: each cache loads them itself.
 * Resolves when this worker has its part. Rejects with the error of `listen` if that fails here, or with a TypeError for an invalid option.
 * On other systems than Linux, each worker listens for itself.
 *
 * @example
 * import { listenToQueue } from 'awscurrent/sqs'
 * const topicArn = 'arn:aws:sns:eu-west-1:123456789012:secret-rotations'
 * const secrets = createLambdaCache({ secrets: ['prod/db'] })
 * await listenInOneWorker(secrets, { listen: target => listenToQueue(target, { topicArn }) })
 */
export async function listenInOneWorker(cache: RevalidationTarget, options: OneWorkerOptions): Promise<OneWorkerListener> {
  for (const method of ['handleRotationEvent', 'revalidate']) {
    if (!hasMethod(cache, method)) throw new TypeError(`The cache must have a ${method} method.`)
  }
  checkOptions('listenInOneWorker', options, rules)
  if (options.listen === undefined) throw new TypeError('listen must be a function.')
  const part = new Part(cache, options)
  await part.begin()
  return part
}

/** What a listener passes to its target: a payload, or that something may have been missed. */
type Heard = { readonly payload?: unknown }

class Part implements OneWorkerListener {
  readonly #cache: RevalidationTarget
  readonly #options: OneWorkerOptions
  readonly #place: WorkerPlace
  readonly #channel: BroadcastChannel
  #listener: { close(): Promise<void> } | undefined
  /** Frees the place, or ends the wait for it. */
  #leave = (): void => {}
  #takingOver: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(cache: RevalidationTarget, options: OneWorkerOptions) {
    const { name = 'rotations' } = options
    this.#cache = cache
    this.#options = options
    this.#place = new WorkerPlace(name)
    this.#channel = new BroadcastChannel(`awscurrent/${name}`)
    this.#channel.unref()
    this.#channel.onmessage = message => void this.#hear((message as { data: Heard }).data)
  }

  get isListening(): boolean {
    return this.#listener !== undefined
  }

  async begin(): Promise<void> {
    try {
      await this.#takePart()
    } catch (error) {
      this.#channel.close()
      throw error
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #takePart(): Promise<void> {
    const free = await this.#place.take()
    if (free === undefined) {
      this.#leave = this.#place.whenFree(() => this.#takeOver())
      // Since this cache has loaded its secrets, the other worker may have heard of a rotation.
      this.#cache.revalidate()
      return
    }
    let hasRevalidated = false
    const revalidate = (): void => {
      hasRevalidated = true
      this.#passOn({})
    }
    try {
      this.#listener = await this.#options.listen({
        handleRotationEvent: payload => this.#passOn({ payload }) as Promise<unknown>,
        revalidate,
      })
      this.#leave = free
      // Nobody may have listened until now, and not every listener revalidates when it begins.
      if (!hasRevalidated) revalidate()
    } catch (error) {
      free()
      throw error
    }
  }

  #takeOver(): void {
    this.#takingOver = this.#takePart().catch(error => {
      const timer = setTimeout(() => this.#takeOver(), retryMs).unref()
      this.#leave = () => clearTimeout(timer)
      this.#options.onError?.(error)
    })
  }

  #passOn(heard: Heard): unknown {
    this.#channel.postMessage(heard)
    return this.#hear(heard)
  }

  #hear(heard: Heard): unknown {
    return 'payload' in heard ? this.#cache.handleRotationEvent(heard.payload) : this.#cache.revalidate()
  }

  async #close(): Promise<void> {
    this.#channel.onmessage = () => {}
    await this.#takingOver
    try {
      await this.#listener?.close()
    } finally {
      this.#listener = undefined
      this.#leave()
      this.#channel.close()
    }
  }
}
