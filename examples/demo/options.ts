import { parseArgs } from 'node:util'
import type { Strategy } from './state.js'

/** What the demo was asked to show. */
export interface DemoOptions {
  seconds: number
  strategy: Strategy
  /** How long each rotation stops between the database's change and AWSCURRENT's. */
  windowSeconds: number
  /** Where the live page is served; 0 stands for a free port, undefined for no page. */
  port: number | undefined
}

export const usage: string = `npm run demo -- [--seconds 30] [--strategy single-user|alternating-users] [--window 1] [--port 8080 | --no-page]`

/** Reads the command line; answers undefined if it makes no sense. */
export function readOptions(args: string[]): DemoOptions | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seconds: { type: 'string', default: '30' },
        strategy: { type: 'string', default: 'single-user' },
        window: { type: 'string', default: '1' },
        port: { type: 'string', default: '0' },
        page: { type: 'boolean', default: true },
      },
      allowNegative: true,
    })
    const [seconds, windowSeconds, port] = [Number(values.seconds), Number(values.window), Number(values.port)]
    const { strategy } = values
    if (!(seconds >= 10 && seconds <= 3_600) || !(windowSeconds >= 0 && windowSeconds <= 60)) return undefined
    if (strategy !== 'single-user' && strategy !== 'alternating-users') return undefined
    if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) return undefined
    return { seconds, strategy, windowSeconds, port: values.page ? port : undefined }
  } catch {
    return undefined
  }
}
