import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, inject, onTestFinished } from 'vitest'
import type { FakeSecretsManager } from '../../src/testing/index.js'
import { type StartedProcess, startProcess } from '../support/started-process.js'

/** An example that is a project of its own, in a folder outside the repository. */
export interface InstalledExample {
  readonly folder: string
  /** Runs a script of its package.json to its end and resolves with what was printed; rejects with that if it fails. */
  run(script: string, env?: Environment): Promise<string>
  /** Starts a file of it in Node; it is told to end when the test ends, if it still runs. */
  start(args: readonly string[], env: Environment): StartedProcess
}

type Environment = Readonly<Record<string, string>>

/** What its processes have, beside what a test gives them: nothing that vitest has set for its own, and no credentials. */
const { PATH = '', HOME = '' } = process.env
const everywhere = { PATH, HOME, NEXT_TELEMETRY_DISABLED: '1', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }

/**
 * Copies an example and installs it with the packed package before the tests of the file, and removes it after them. npm keeps what
 * it has downloaded, so that only the first run takes long. What `change` makes of the copy is installed.
 */
export function useInstalledExample(name: string, change: (folder: string) => void = () => {}): InstalledExample {
  let folder = ''
  let lastRun: StartedProcess | undefined

  const npm = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> => {
    lastRun = startProcess('npm', args, { cwd: folder, env })
    const { code, stdout, stderr } = await lastRun.ended
    if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with code ${code}:\n${stdout}${stderr}`)
    return stdout + stderr
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), `awscurrent-${name}-`))
    const made = new Set(['node_modules', 'dist', '.next'])
    cpSync(join('examples', name), folder, { recursive: true, filter: file => !made.has(basename(file)) })
    change(folder)
    const { dependencies } = readJson<{ dependencies: object }>(join(folder, 'package.json'))
    // The clients that all other tests use: newer ones may need a newer Node.
    const clients = Object.keys(dependencies).filter(each => each.startsWith('@aws-sdk/'))
    const sdk = clients.map(each => `${each}@${readJson<{ version: string }>(`node_modules/${each}/package.json`).version}`)
    const downloads = ['--prefer-offline', '--fetch-timeout=60000']
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
    await npm(['install', ...downloads, ...quiet, inject('tarball'), ...sdk], process.env)
  })
  afterAll(() => {
    // It still runs if a hook or a test has given up on it.
    lastRun?.child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  return {
    get folder() {
      return folder
    },
    run: (script, env) => npm(['run', script], { ...everywhere, ...env }),
    start(args, env) {
      const started = startProcess(process.execPath, args, { cwd: folder, env: { ...everywhere, ...env } })
      onTestFinished(async () => {
        // Not SIGKILL: Next.js has processes of its own to end.
        started.child.kill('SIGTERM')
        await started.ended
      })
      return started
    },
  }
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8'))

/** The environment in which a process takes an endpoint for AWS. */
export function environment({ region }: FakeSecretsManager, endpoint: string): Environment {
  return { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing' }
}

/** Serves a fake until the test ends; resolves with the environment in which a process finds it. */
export async function serve(fake: FakeSecretsManager): Promise<Environment> {
  const { endpoint, close } = await fake.listen()
  onTestFinished(close)
  return environment(fake, endpoint)
}
