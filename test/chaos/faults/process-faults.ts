import { Deck } from '../deck.js'
import type { Lane } from '../lane.js'
import type { ServiceProcess } from '../service-process.js'

/** The service is stopped for seconds, or short of memory. */
export function processFaults(service: ServiceProcess): Lane {
  const deck = new Deck(['SIGSTOP', 'memory pressure'] as const)
  return {
    name: 'process',
    pauseMs: [1_500, 5_000],
    lastsMs: [300, 2_500],
    draw(random) {
      if (deck.draw(random) === 'SIGSTOP') {
        return { name: 'process: SIGSTOP', touched: ['process'], begin: () => service.freeze() }
      }
      const mebibytes = random.whole(8, 24)
      return {
        name: 'process: memory pressure',
        touched: ['process'],
        begin() {
          service.tell({ type: 'pressure', mebibytes })
          return undefined
        },
      }
    },
  }
}

/** The wall clock of one cache jumps, both ways. */
export function clockFaults(service: ServiceProcess): Lane {
  return {
    name: 'clock',
    pauseMs: [500, 3_000],
    lastsMs: [500, 3_000],
    draw(random) {
      const offsetMs = random.whole(-40_000, 40_000)
      return {
        name: `clock: ${offsetMs < 0 ? 'set back' : 'set forward'}, and right again`,
        touched: ['clock'],
        begin() {
          service.tell({ type: 'clock', offsetMs })
          return () => service.tell({ type: 'clock', offsetMs: 0 })
        },
      }
    },
  }
}
