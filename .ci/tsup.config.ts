import type { Options } from 'tsup'
import { entries } from './entries.js'

const shared: Options = {
  entry: Object.fromEntries(entries.map(({ name, source }) => [name, source])),
  target: 'node20',
  platform: 'node',
  dts: true,
  // Without it every CommonJS entry would get its own copy of the core, and `instanceof` would fail between them.
  splitting: true,
  removeNodeProtocol: false,
  // It is published as ESM only, which Jest's CommonJS loader cannot require; and every module file that is loaded costs start-up.
  noExternal: ['p-retry'],
  banner: { js: '/* Bundles p-retry and is-network-error: MIT License, Copyright (c) Sindre Sorhus */' },
}

const builds: Options[] = [
  { ...shared, format: 'esm' },
  {
    ...shared,
    format: 'cjs',
    esbuildOptions(options) {
      // The pass that turns split chunks into CommonJS would replace these by calls of slow helper functions.
      options.supported = { 'optional-chain': false, 'nullish-coalescing': false, 'logical-assignment': false }
    },
  },
]

export default builds
