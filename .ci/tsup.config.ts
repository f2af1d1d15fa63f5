import type { Options } from 'tsup'
import { entries } from './entries.js'

const options: Options = {
  format: ['esm', 'cjs'],
  entry: Object.fromEntries(entries.map(({ name, source }) => [name, source])),
  target: 'node20',
  platform: 'node',
  // What is marked @internal is typed in the source alone.
  dts: { compilerOptions: { stripInternal: true } },
  // `merge-chunks.ts` puts together what this divides; without it every entry would get its own copy of the core.
  splitting: true,
  removeNodeProtocol: false,
  // It is published as ESM only, which Jest's CommonJS loader cannot require; and every module file that is loaded costs start-up.
  noExternal: ['p-retry'],
}

export default options
