/** What a command may use of the process that runs it. */
export interface Io {
  /** Results only. */
  readonly stdout: NodeJS.WritableStream
  /** Progress and errors. */
  readonly stderr: NodeJS.WritableStream
  readonly env: NodeJS.ProcessEnv
  /** Whether `stdout` is a terminal, which must not show a secret unless the user asks for it. */
  readonly isTTY: boolean
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, whose name is its reason. If the command rejects then, the exit code tells the signal. */
  readonly signal: AbortSignal
}

/** One command of `npx awscurrent`. */
export interface Command {
  readonly name: string
  /** One line in the list of commands. */
  readonly summary: string
  /** The text of `--help`, which begins with the command line. */
  readonly usage: string
  /** Resolves with the exit code. What it throws becomes one line on `stderr`: see `exitCodeOf`. */
  run(args: string[], io: Io): Promise<number>
}
