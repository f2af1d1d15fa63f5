import type { MysqlDriver, PgDriver } from '../../src/rotation/index.js'

/** Where a process dies: at its n-th external call, before the call is made or before its answer comes back. */
export interface CrashPoint {
  call: number
  side: 'before' | 'after'
}

/** A process that dies once: from then on no call of it gets through. */
export interface CrashingProcess {
  /** How many external calls there were. */
  readonly calls: number
  readonly crashed: boolean
  /** Makes an external call, or dies at it. */
  call<T>(make: () => Promise<T>): Promise<T>
  pg(driver: PgDriver): PgDriver
  mysql(driver: MysqlDriver): MysqlDriver
}

/** Makes a process that dies at a point; without one it lives, and counts. */
export function crashingProcess(point?: CrashPoint): CrashingProcess {
  let calls = 0
  let crashed = false

  async function call<T>(make: () => Promise<T>): Promise<T> {
    if (crashed) throw new Error('The process is gone.')
    calls += 1
    const dies = calls === point?.call
    crashed = dies
    if (dies && point?.side === 'before') throw new Error('The process has crashed.')
    const answer = await make()
    if (dies) throw new Error('The process has crashed.')
    return answer
  }

  return {
    get calls() {
      return calls
    },
    get crashed() {
      return crashed
    },
    call,
    pg: ({ Client }) => ({
      Client: class extends Client {
        override connect(): Promise<unknown> {
          return call(() => super.connect())
        }

        override query(text: string, values?: string[]): Promise<{ rows: unknown[] }> {
          return call(() => super.query(text, values))
        }
      },
    }),
    mysql: driver => ({
      async createConnection(config) {
        const connection = await call(() => driver.createConnection(config))
        return {
          query: sql => call(() => connection.query(sql)),
          end: () => connection.end(),
          on: (event, listener) => connection.on(event, listener),
        }
      },
    }),
  }
}
