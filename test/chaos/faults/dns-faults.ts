import { Deck } from '../deck.js'
import type { Touched } from '../fault-log.js'
import type { Lane } from '../lane.js'
import type { ServiceProcess } from '../service-process.js'
import type { DnsFault } from '../unreliable-dns.js'

const kinds: readonly DnsFault[] = ['EAI_AGAIN', 'ENOTFOUND', 'no answer']

/** The service finds no addresses for names: none of Secrets Manager's, none of a database's. */
export function dnsFaults(service: ServiceProcess, touched: readonly Touched[]): Lane {
  const deck = new Deck(kinds)
  return {
    name: 'DNS',
    pauseMs: [1_500, 5_000],
    lastsMs: [100, 1_500],
    draw(random) {
      const fault = deck.draw(random)
      return {
        name: `DNS: ${fault}`,
        touched,
        begin() {
          service.tell({ type: 'dns', fault })
          return () => service.tell({ type: 'dns' })
        },
      }
    },
  }
}
