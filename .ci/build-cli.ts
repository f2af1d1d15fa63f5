// Builds the command line tool, which nobody imports. It loads the library by its import paths, as its users do, and only when a command
// needs it: the tool adds one file to the package, and nothing to what it exports.
import { chmodSync } from 'node:fs'
import { build } from 'esbuild'

await build({
  entryPoints: { cli: 'src/cli/index.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['awscurrent', '@aws-sdk/*'],
  // The paths of tsconfig.json lead to the source.
  tsconfigRaw: {},
  banner: { js: '#!/usr/bin/env node' },
})
chmodSync('dist/cli.js', 0o755)
