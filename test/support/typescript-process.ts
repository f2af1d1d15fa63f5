import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { entries } from '../../.ci/entries.js'

/** How a process ended and what it said. */
interface Ending {
  code: number | null
  stdout: string
  stderr: string
}

/** A real process that runs a script against the source of this package. */
export interface ScriptProcess {
  readonly child: ChildProcess
  /** Resolves with the output so far once it holds `text`. */
  said(text: string): Promise<string>
  readonly ended: Promise<Ending>
}

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
  { hasRequire = true }: { hasRequire?: boolean } = {},
): Promise<ScriptProcess> {
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
  const child = spawn(process.execPath, [file], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(async ([code]) => {
    await rm(folder, { recursive: true })
    return { code, stdout, stderr }
  })
  return {
    child,
    ended,
    async said(text) {
      while (!stdout.includes(text)) {
        const over = await Promise.race([once(child.stdout, 'data').then(() => false), ended.then(() => true)])
        if (over && !stdout.includes(text)) throw new Error(`The process ended without saying "${text}": ${stderr}`)
      }
      return stdout
    },
  }
}
