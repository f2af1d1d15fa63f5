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
// Not process.exit: output to a pipe may still be under way.
process.exitCode = await main(commands, process.argv.slice(2), {
  stdout,
  stderr,
  env,
  isTTY: stdout.isTTY === true,
  signal: stop.signal,
})
