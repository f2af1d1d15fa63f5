import { Changer } from './changer.js'
import type { CacheCommand } from './commands.js'
import { Reader } from './reader.js'
import type { Stage } from './stage.js'
import type { Asked } from './subjects.js'

/** Does with a cache what somebody might. */
export class Player {
  readonly reader: Reader
  readonly changer: Changer
  /** Timers of those who leave early: not the cache's. */
  readonly timers: Set<() => void> = new Set()
  readonly #stage: Stage

  constructor(stage: Stage) {
    this.#stage = stage
    this.reader = new Reader(stage)
    this.changer = new Changer(stage)
  }

  do(command: CacheCommand): void {
    switch (command.do) {
      case 'read':
        this.reader.read(this.#asked(command), command.way, command.wanted, this.#signal(command.abortMs))
        break
      case 'peek':
        this.reader.peek(this.#asked(command), command.way, command.wanted)
        break
      case 'refresh':
        this.changer.refresh(this.#asked(command), command, this.#signal(command.abortMs))
        break
      case 'invalidate':
      case 'delete':
        this.changer.cut(command.do, this.#asked(command))
        break
      case 'write':
        this.changer.write(this.#asked(command))
        break
      case 'follow':
        if (!this.#stage.judge.isClosed) this.#stage.heard.follow(this.#stage.cache, this.#asked(command))
        break
      case 'unfollow':
        this.#stage.heard.followers[command.which % Math.max(1, this.#stage.heard.followers.length)]?.stop()
        break
      case 'warm':
        this.changer.warm(command.many)
        break
      case 'tell':
        this.changer.tell(command.which, command.as)
        break
      case 'idle':
        this.#stage.pending.add(this.#stage.cache.idle())
        break
      case 'revalidate':
        this.#stage.cache.revalidate()
        break
      case 'close':
        this.#stage.judge.closedAt = this.#stage.service.timeline.next().order
        this.#stage.pending.add(this.#stage.cache.close())
    }
  }

  #asked({ secret, form }: { secret: number; form: number }): Asked {
    return this.#stage.service.asked(this.#stage.service.subjects[secret] ?? this.#stage.service.subjects[0]!, form)
  }

  #signal(ms: number | undefined): AbortSignal | undefined {
    if (ms === undefined) return undefined
    const reader = new AbortController()
    const timer = this.#stage.service.timeline.clock.setTimeout(() => {
      this.timers.delete(timer)
      reader.abort()
    }, ms)
    this.timers.add(timer)
    return reader.signal
  }
}
