import type { ViteUserConfig } from 'vitest/config'
import base from '../vitest.config.js'

/** The tests that Stryker runs for each mutant: those of the core and the signals that are the same each time. */
const config: ViteUserConfig = {
  resolve: base.resolve ?? {},
  test: {
    include: ['test/{admin,core,signals}/**/*.test.ts', 'test/{cache,sns}.test.ts'],
    // The modules are loaded once for each mutant, not once for each file of tests.
    isolate: false,
  },
}

export default config
