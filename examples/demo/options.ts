import { parseArgs } from 'node:util'

/** What the demo was asked to show. */
export interface DemoOptions {
  seconds: number
  strategy: 'single-user' | 'alternating-users'
  /** How long each rotation stops between the database's change and AWSCURRENT's. */
  windowSeconds: number
}

export const usage: string = `npm run demo -- [--seconds 30] [--strategy single-user|alternating-users] [--window 1]`

/** Reads the command line; answers undefined if it makes no sense. */
export function readOptions(args: string[]): DemoOptions | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seconds: { type: 'string', default: '30' },
        strategy: { type: 'string', default: 'single-user' },
        window: { type: 'string', default: '1' },
      },
    })
    const [seconds, windowSeconds] = [Number(values.seconds), Number(values.window)]
    const { strategy } = values
    if (!(seconds >= 10 && seconds <= 3_600) || !(windowSeconds >= 0 && windowSeconds <= 60)) return undefined
    if (strategy !== 'single-user' && strategy !== 'alternating-users') return undefined
    return { seconds, strategy, windowSeconds }
  } catch {
    return undefined
  }
}
