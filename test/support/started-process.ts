import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** How a process ended and what it said. */
interface Ending {
  code: number | null
  stdout: string
  stderr: string
}

/** A process under way, which the caller ends. */
export interface StartedProcess {
  readonly child: ChildProcess
  /** Resolves with the output so far once it holds `text`. */
  said(text: string): Promise<string>
  readonly ended: Promise<Ending>
}

/** Starts a program. Its environment is only what is given. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env: NodeJS.ProcessEnv },
): StartedProcess {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }))
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
