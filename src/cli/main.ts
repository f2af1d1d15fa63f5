import { createRequire } from 'node:module'
import { nearestName } from '../core/options/nearest-name.js'
import { codeOfSignal } from './child.js'
import { CliError, exitCodeOf } from './cli-error.js'
import type { Command, Io } from './command.js'
import { exitCodes } from './exit-codes.js'
import { splitCommand } from './parse.js'
import { voiceOf } from './say.js'

/** Runs one of the commands, and resolves with the exit code. */
export async function main(commands: readonly Command[], args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args
  const { own } = splitCommand(rest)
  const isJson = own.includes('--json')
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      const text = name === 'help' && rest[0] !== undefined ? commandNamed(rest[0], commands).usage : overview(commands)
      const isAsked = name !== undefined
      ;(isAsked ? io.stdout : io.stderr).write(`${text.trim()}\n`)
      return isAsked ? exitCodes.ok : exitCodes.usage
    }
    if (name === '--version' || name === '-v') {
      io.stdout.write(`${version()}\n`)
      return exitCodes.ok
    }
    const command = commandNamed(name, commands)
    if (own.includes('--help') || own.includes('-h')) {
      io.stdout.write(`${command.usage.trim()}\n`)
      return exitCodes.ok
    }
    return await command.run(rest, io)
  } catch (error) {
    if (io.signal.aborted) return codeOfSignal(io.signal.reason)
    voiceOf(io, isJson).fail(error)
    return exitCodeOf(error)
  }
}

function commandNamed(name: string, commands: readonly Command[]): Command {
  const found = commands.find(command => command.name === name)
  if (found !== undefined) return found
  const names = commands.map(command => command.name)
  if (name.startsWith('-')) throw new CliError(`The first argument is a command: ${names.join(', ')}.`)
  const meant = nearestName(name, names)
  throw new CliError(
    `There is no command ${JSON.stringify(name)}. ${meant === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${meant}?`}`,
  )
}

function overview(commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(8)}${summary}`)
  return `
Usage: npx awscurrent <command> [options]

${list.join('\n')}

Options of every command:
  -h, --help  What the command does, and its options
  --json      Results as JSON, and each message on stderr as a line of JSON
  --version   The version of awscurrent (without a command)

Exit codes: 0 done, 1 failed, 2 wrong command line or file, 3 AWS cannot be asked (credentials, Region, SDK, network).
`
}

function version(): string {
  return (createRequire(import.meta.url)('awscurrent/package.json') as { version: string }).version
}
