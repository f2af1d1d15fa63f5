import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import { FakeSecretsManager, type FakeSecretsManagerOptions } from '../../../src/testing/index.js'

/** How a run of the tool ended. */
export interface Outcome {
  code: number | null
  stdout: string
  /** Without the lines about waits, which a busy machine makes long. */
  stderr: string
}

const waits = /^(awscurrent: (Reading|Waiting for|Subscribing) .*|\{"type":"waiting".*)\n/gm

/** What is printed, without the lines about waits. */
export function withoutWaits(printed: string): string {
  return printed.replace(waits, '')
}

/** A run of the tool under way. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Outcome>
  /** Resolves once it has printed `text`; rejects if it ends before. */
  said(text: string, stream?: 'stdout' | 'stderr'): Promise<string>
}

/** The tool, as it is installed beside the AWS SDK. */
export const tool = (): string => join(inject('fullApp'), 'node_modules/awscurrent/dist/cli.js')

/** Nothing of the machine's own AWS configuration. */
const noAws = { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' }

/** Starts a program, which is killed with the test if it still runs. */
export function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): Running {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, HOME: tmpdir(), ...noAws, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', text => {
      output[name] += text
    })
  const ended = once(child, 'close').then(([code]) => ({ code, stdout: output.stdout, stderr: withoutWaits(output.stderr) }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    ended,
    async said(text, stream = 'stdout') {
      while (!output[stream].includes(text)) {
        const isOver = await Promise.race([once(child[stream], 'data').then(() => false), ended.then(() => true)])
        if (isOver && !output[stream].includes(text)) throw new Error(`It ended without "${text}": ${JSON.stringify(output)}`)
      }
      return output[stream]
    },
  }
}

/** Starts the tool. */
export function startCli(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): Running {
  return start(process.execPath, [tool(), ...args], env, cwd)
}

/** Runs the tool to its end. */
export function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): Promise<Outcome> {
  return startCli(args, env, cwd).ended
}

/** A Secrets Manager over HTTP, and the environment in which the SDK finds it. */
export async function serveSecrets(
  secrets: FakeSecretsManagerOptions['secrets'],
): Promise<{ fake: FakeSecretsManager; env: NodeJS.ProcessEnv }> {
  const fake = new FakeSecretsManager({ secrets })
  const server = await fake.listen()
  onTestFinished(() => server.close())
  return { fake, env: { AWS_ENDPOINT_URL: server.endpoint, ...signing } }
}

/** What the SDK signs with. */
export const signing = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'awscurrent-cli-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** Whether a process still runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
