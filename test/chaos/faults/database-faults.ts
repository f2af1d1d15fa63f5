import type { ChaosDatabase } from '../databases.js'
import type { Lane } from '../lane.js'

/** The server restarts, if it can be in the middle of a rotation. */
export function databaseFaults(database: ChaosDatabase): Lane {
  return {
    name: `restarts of ${database.name}`,
    pauseMs: [1_000, 6_000],
    lastsMs: [1_500, 3_000],
    draw: () => ({
      name: `${database.engine}: restart`,
      touched: [database.name],
      begin() {
        database.restartInRotation()
        return () => database.restarted()
      },
    }),
  }
}
