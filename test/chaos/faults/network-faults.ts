import type { ChaosProxy, NetworkFault } from '../chaos-proxy.js'
import { Deck } from '../deck.js'
import type { Touched } from '../fault-log.js'
import type { Lane } from '../lane.js'

const kinds: readonly NetworkFault[] = ['delay', 'cut', 'refuse', 'half-close', 'black hole', 'corruption']

/** The way to a server delays, cuts, refuses, half-closes, swallows or spoils. */
export function networkFaults(proxy: ChaosProxy, touched: Touched): Lane {
  const deck = new Deck(kinds)
  return {
    name: `network to ${touched}`,
    pauseMs: [500, 3_000],
    lastsMs: [100, 2_000],
    draw(random) {
      const kind = deck.draw(random)
      const delayMs = kind === 'delay' ? random.whole(20, 800) : 0
      return { name: `network: ${kind}`, touched: [touched], begin: () => proxy.befall(kind, delayMs) }
    },
  }
}
