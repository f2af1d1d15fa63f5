import { constants } from 'node:os'
import { commands } from './commands/index.js'
import { exitCodes } from './exit-codes.js'
import { main } from './main.js'

const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort(name))

// Whoever reads the output may end first, as `head` does.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(exitCodes.ok)
  })
}

const { stdout, stderr, env } = process
const code = await main(commands, process.argv.slice(2), {
  stdout,
  stderr,
  env,
  isTTY: stdout.isTTY === true,
  signal: stop.signal,
})
const signalled = stop.signal.aborted ? exitCodes.signalled + constants.signals[stop.signal.reason as NodeJS.Signals] : undefined
// Not process.exit: output to a pipe may still be under way. Nothing that a command leaves behind keeps the process alive.
process.exitCode = signalled ?? code
