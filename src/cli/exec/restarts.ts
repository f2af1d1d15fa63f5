import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '../child.js'
import type { Voice } from '../say.js'
import { changedIn, type Unread, type Values } from './environment.js'

/** What `Restarts` needs. */
export interface RestartsOptions {
  /** Reads the values again. */
  read(): Promise<{ values: Values; unread: readonly Unread[] }>
  start(values: Values): Promise<Child>
  /** How long a child may take to end before it is killed. */
  graceMs: number
  /** The restarts of a fleet are spread over this time. */
  spreadMs: number
  voice: Voice
}

/** The child that runs, and its replacement when a value that it uses has changed. */
export class Restarts {
  readonly #options: RestartsOptions
  readonly #over = new AbortController()
  #values: Values
  #child: Child
  #checking: Promise<void> | undefined
  #mustCheckAgain = false
  #replacing: Promise<void> | undefined

  constructor(options: RestartsOptions, values: Values, child: Child) {
    this.#options = options
    this.#values = values
    this.#child = child
  }

  /** Resolves with the exit code of a child that ends by itself, or is ended from outside. Rejects if the next one cannot be started. */
  async ended(): Promise<number> {
    try {
      for (;;) {
        const child = this.#child
        const code = await child.ended
        if (this.#replacing !== undefined) await this.#replacing
        if (child === this.#child) return code
      }
    } finally {
      this.#over.abort()
    }
  }

  /** Passes a signal on to the child. If that is being replaced, the signal was meant for the next one too, which is not started. */
  forward(signal: NodeJS.Signals): void {
    if (this.#replacing !== undefined) this.#over.abort()
    this.#child.forward(signal)
  }

  /** Replaces the child if a value has changed. Calls while one is under way lead to one more. */
  check(): void {
    this.#mustCheckAgain = true
    this.#checking ??= this.#run().finally(() => {
      this.#checking = undefined
    })
  }

  async #run(): Promise<void> {
    while (this.#mustCheckAgain && !this.#over.signal.aborted) {
      this.#mustCheckAgain = false
      await this.#checkOnce()
    }
  }

  async #checkOnce(): Promise<void> {
    const { spreadMs, voice } = this.#options
    if ((await this.#changed()) === undefined) return
    if (spreadMs > 0) {
      const delayMs = Math.round(Math.random() * spreadMs)
      voice.say('scheduled', `A secret has changed: restarting in ${(delayMs / 1_000).toFixed(1)} s.`, { delayMs })
      await sleep(delayMs, undefined, { signal: this.#over.signal }).catch(() => {})
    }
    // Further changes may have come meanwhile, or it may have been taken back.
    const changed = await this.#changed()
    if (changed === undefined || this.#over.signal.aborted) return
    voice.say('restarting', `Restarting, because of ${changed.variables.join(', ')}.`, { variables: changed.variables })
    this.#replacing = this.#replace(changed.values)
    // Whoever waits for the end is told of a failure.
    await this.#replacing.catch(() => {})
    this.#replacing = undefined
  }

  async #changed(): Promise<{ values: Values; variables: string[] } | undefined> {
    const { values, unread } = await this.#options.read()
    for (const { variable, error } of unread) {
      const { message } = error as Error
      this.#options.voice.say('unread', `${variable} keeps its value: ${message}`, { variable })
    }
    const variables = changedIn(this.#values, values)
    return unread.length > 0 || variables.length === 0 ? undefined : { values, variables }
  }

  async #replace(values: Values): Promise<void> {
    const { graceMs, start, voice } = this.#options
    const old = this.#child
    const killer = setTimeout(() => {
      voice.say('killed', `The command did not end within ${graceMs / 1_000} s.`)
      old.kill('SIGKILL')
    }, graceMs)
    old.kill('SIGTERM')
    await old.ended
    clearTimeout(killer)
    if (this.#over.signal.aborted) return
    this.#child = await start(values)
    this.#values = values
  }
}
