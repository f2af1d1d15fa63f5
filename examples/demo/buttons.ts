import type { Shown } from './page-server.js'
import type { Stage } from './stage.js'
import type { Strategy, Trouble } from './state.js'

const strategies: ReadonlyMap<string, Strategy> = new Map([
  ['rotate-one-user', 'single-user'],
  ['rotate-two-users', 'alternating-users'],
])
const troubles: readonly string[] = ['outage', 'throttling', 'deniedPending', 'lostEvents'] satisfies Trouble[]

/** What the buttons of the page do. `onTrouble` is called when one makes life harder than a rotation does. */
export function pressWith(stage: Stage, rotate: (strategy: Strategy) => Promise<void>, onTrouble: () => void): Shown['press'] {
  return button => {
    const strategy = strategies.get(button)
    if (strategy !== undefined) {
      if (stage.rotation !== undefined) return { refusal: 'A rotation is running: wait until AWSCURRENT has moved.' }
      if (stage.troubles.stopRotations) return { refusal: 'Secrets Manager starts no rotation while it is down or throttled.' }
      void rotate(strategy)
      return {}
    }
    if (button === 'cut') {
      onTrouble()
      void stage.cutConnections()
      return {}
    }
    if (!troubles.includes(button)) return undefined
    onTrouble()
    stage.troubles.toggle(button as Trouble)
    return {}
  }
}
