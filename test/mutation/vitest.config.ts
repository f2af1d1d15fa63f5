import type { ViteUserConfig } from 'vitest/config'
import base from '../vitest.config.js'
import { FastestFirst } from './fastest-first.js'

/** Files that start servers or processes, or that try the bounds of the cache with thousands of secrets, reads or events. */
const slowFiles = [
  'test/admin/example.test.ts',
  'test/core/entries/bounded-failures.test.ts',
  'test/core/failures/no-value-leaks-doors.test.ts',
  'test/core/loads/dead-connections.test.ts',
  'test/core/reads/warmup-bounds.test.ts',
  'test/core/reads/warmup-many.test.ts',
  'test/core/rotations/bounded-work.test.ts',
  'test/core/rotations/event-flood.test.ts',
]

/** The tests that Stryker runs for each mutant: those of the core and the signals that are the same each time, and fast. */
const config: ViteUserConfig = {
  resolve: base.resolve ?? {},
  test: {
    include: [
      'test/{admin,core,signals,sqs}/**/*.test.ts',
      'test/sns/{certificates,create-sns-handler,message-reasons}.test.ts',
      'test/{cache,sns}.test.ts',
    ],
    exclude: slowFiles,
    setupFiles: ['test/mutation/leave-out-slow-tests.ts'],
    sequence: { sequencer: FastestFirst },
    // The modules are loaded once for each mutant, not once for each file of tests.
    isolate: false,
  },
}

export default config
