import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { entries } from '../../.ci/entries.js'
import { type StartedProcess, startProcess } from './started-process.js'

/** A real process that runs a script against the source of this package. */
export type ScriptProcess = StartedProcess

/** What esbuild needs in every bundle of modules that holds CommonJS packages. */
const requireForModules = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Bundles a script, in which `awscurrent` is the source of this package, and starts it. The caller's environment is added to ours.
 * `hasRequire: false` makes the bundle that is made without knowing better: CommonJS packages in it cannot load what Node has.
 */
export async function startScript(
  script: string,
  env: Record<string, string> = {},
  options: { hasRequire?: boolean } = {},
): Promise<ScriptProcess> {
  const { file, remove } = await bundleScript(script, options)
  const started = startProcess(process.execPath, [file], { env: { ...process.env, ...env } })
  return { ...started, ended: started.ended.finally(remove) }
}

/** A bundle in a folder of its own, which the caller removes. */
export async function bundleScript(
  script: string,
  { hasRequire = true }: { hasRequire?: boolean } = {},
): Promise<{ file: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'awscurrent-process-'))
  const file = join(folder, 'script.mjs')
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: root, loader: 'ts' },
    alias: Object.fromEntries(entries.map(({ specifier, source }) => [specifier, join(root, source)])),
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    ...(hasRequire && { banner: { js: requireForModules } }),
  })
  await writeFile(file, outputFiles[0]?.contents ?? '')
  return { file, remove: () => rm(folder, { recursive: true, force: true }) }
}
