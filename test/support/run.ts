import { spawnSync } from 'node:child_process'

/** Settings of `run`. */
export interface RunOptions {
  cwd?: string
  /** Set beside the variables of this process; undefined removes one. */
  env?: Record<string, string | undefined>
  /** The user and the group to run it as. */
  uid?: number
  gid?: number
}

/** Runs a program to its end and returns what it printed. Throws an error that shows the output if it fails. */
export function run(command: string, args: readonly string[], { cwd, env, uid, gid }: RunOptions = {}): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${status}:\n${stdout}${stderr}`)
  return stdout
}
