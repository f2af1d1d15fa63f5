import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { CliError } from './cli-error.js'
import { exitCodes } from './exit-codes.js'

/** The signals that somebody sends to a process to make it do something. */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** A process that runs the user's command with the terminal of this one. */
export interface Child {
  /** Resolves with its exit code: 128 and the number of the signal that ended it, as in shells. */
  readonly ended: Promise<number>
  kill(signal: NodeJS.Signals): void
  /** Passes a signal on that this process has received. */
  forward(signal: NodeJS.Signals): void
}

/** Starts a command. Rejects with a `CliError` if it cannot be executed. */
export function startChild([name = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<Child> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { stdio: 'inherit', env })
    child.once('error', error => reject(cannotStart(name, error)))
    child.once('spawn', () =>
      resolve({
        ended: endOf(child),
        kill: signal => void child.kill(signal),
        forward(signal) {
          // A terminal has sent its Ctrl-C to the child as well; many programs take a second one for a demand to end at once.
          if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
        },
      }),
    )
  })
}

/** Calls `receive` with the signals that this process receives; the returned function ends that. */
export function onSignals(receive: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of forwarded) process.on(signal, receive)
  return () => {
    for (const signal of forwarded) process.off(signal, receive)
  }
}

/** Runs a command to its end, and resolves with its exit code. */
export async function runChild(command: readonly string[], env: NodeJS.ProcessEnv, stop: AbortSignal): Promise<number> {
  const child = await startChild(command, env)
  if (stop.aborted) child.forward(stop.reason)
  const leave = onSignals(signal => child.forward(signal))
  return child.ended.finally(leave)
}

/** The exit code of a process that a signal has ended. */
export function codeOfSignal(signal: NodeJS.Signals): number {
  return exitCodes.signalled + constants.signals[signal]
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise(resolve => {
    child.once('exit', (code, signal) => resolve(code ?? codeOfSignal(signal as NodeJS.Signals)))
  })
}

/** Only the code: nothing of what was passed may be repeated. */
function cannotStart(name: string, { code }: NodeJS.ErrnoException): CliError {
  if (code === 'ENOENT') return new CliError(`There is no command ${name}.`, exitCodes.notFound)
  return new CliError(`The command ${name} cannot be executed: ${code ?? 'unknown error'}.`, exitCodes.notExecutable)
}
