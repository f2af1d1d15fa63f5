import type { ViteUserConfig } from 'vitest/config'
import base from '../vitest.config.js'
import { FastestFirst } from './fastest-first.js'

/** Files that start servers or processes, read what is not copied, or try the bounds of the cache with thousands of secrets, reads or events. */
const slowFiles = [
  'test/admin/example.test.ts',
  'test/core/entries/bounded-failures.test.ts',
  'test/core/failures/no-value-leaks-doors.test.ts',
  'test/core/loads/dead-connections.test.ts',
  'test/core/reads/warmup-bounds.test.ts',
  'test/core/reads/warmup-many.test.ts',
  'test/core/rotations/bounded-work.test.ts',
  'test/core/rotations/event-flood.test.ts',
  'test/failover/model.test.ts',
  'test/lambda/example.test.ts',
  'test/lite/connections.test.ts',
  'test/otel/documented-metrics.test.ts',
]

/** The tests that Stryker runs for each mutant: those that need no database, are the same each time, and fast. */
const config: ViteUserConfig = {
  resolve: base.resolve ?? {},
  test: {
    include: [
      'test/{admin,agent,core,failover,health,iam,ioredis,lambda,lite,otel,pools,redis,rotation,signals,sqs,swap}/**/*.test.ts',
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
