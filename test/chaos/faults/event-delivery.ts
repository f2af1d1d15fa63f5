import { snsNotification } from '../../support/rotation-events.js'
import { Deck } from '../deck.js'
import type { FaultLog } from '../fault-log.js'
import type { Lane } from '../lane.js'
import type { ToService } from '../messages.js'
import type { Random } from '../random.js'

const garbage: readonly unknown[] = [
  'not JSON',
  '{"source":"aws.secretsmanager"',
  '['.repeat(50_000),
  'x'.repeat(1_048_576),
  null,
  42,
  { Records: [{ body: '{}' }, null, { Sns: { Message: 7 } }] },
  { source: 'aws.secretsmanager', 'detail-type': 'Secret Label Updated', resources: {}, detail: 'none' },
]

/** The ways by which an event comes. */
const transports: readonly ((event: unknown) => unknown)[] = [
  event => event,
  event => JSON.stringify(event),
  event => snsNotification(event),
  event => ({ Records: [{ eventSource: 'aws:sqs', messageId: 'one', body: JSON.stringify(event) }] }),
  event => ({ Records: [{ EventSource: 'aws:sns', Sns: snsNotification(event) }] }),
]

/** Brings the events of Secrets Manager to the service; in a storm they are lost, late, out of order, repeated, floods. */
export class EventDelivery {
  stormy = false
  readonly #tell: (message: ToService) => void
  readonly #random: Random
  readonly #log: FaultLog
  readonly #late = new Set<NodeJS.Timeout>()

  constructor(tell: (message: ToService) => void, random: Random, log: FaultLog) {
    this.#tell = tell
    this.#random = random
    this.#log = log
  }

  deliver(event: unknown): void {
    const bring = (times = 1): void => this.#tell({ type: 'event', payload: this.#random.pick(transports)(event), times })
    const lot = this.#random.next()
    if (!this.stormy || lot < 0.4) bring()
    else if (lot < 0.55) this.#log.note('event: lost')
    else if (lot < 0.75) this.#later(this.#random.whole(50, 3_000), bring)
    else if (lot < 0.95) {
      this.#log.note('event: delivered twice, by two ways')
      bring()
      bring()
    } else {
      this.#log.note('event: flood of 2,000')
      bring(2_000)
    }
  }

  /** Payloads that are no events. */
  garbage(): Lane {
    const deck = new Deck(garbage)
    return {
      name: 'garbage',
      pauseMs: [300, 2_000],
      lastsMs: [1, 2],
      draw: random => {
        const payload = deck.draw(random)
        return {
          name: 'event: garbage',
          touched: ['events'],
          begin: () => {
            this.#tell({ type: 'event', payload, times: 1 })
            return undefined
          },
        }
      },
    }
  }

  /** Loses what is still on its way. */
  stop(): void {
    for (const timer of this.#late) clearTimeout(timer)
  }

  #later(ms: number, bring: () => void): void {
    this.#log.note('event: late, out of order')
    const timer = setTimeout(() => {
      this.#late.delete(timer)
      bring()
    }, ms)
    this.#late.add(timer)
  }
}
