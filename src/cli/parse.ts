import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearestName } from '../core/options/nearest-name.js'
import { CliError } from './cli-error.js'

type Options = NonNullable<ParseArgsConfig['options']>

/** The options that every command has. */
const common = { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } as const

type Parsed<Own extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Own & typeof common; allowPositionals: true }>
>

/** Reads the arguments of a command. Wrong ones throw a `CliError`, which repeats no value. */
export function parseCommandLine<Own extends Options>(args: string[], own: Own): Parsed<Own> {
  const options = { ...common, ...own }
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (thrown) {
    throw new CliError(wordsFor(thrown, Object.keys(options)))
  }
}

function wordsFor(thrown: unknown, known: readonly string[]): string {
  const { code, message } = thrown as { code?: string; message: string }
  // Node's message repeats the option as it was written, without its value.
  const [, option = ''] = /'(?:-\w, )?(-[^\s'=]*)/.exec(message) ?? []
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const meant = nearestName(option.replace(/^-+/, ''), known)
    return `There is no option ${option}. ${meant === undefined ? '--help lists those that there are.' : `Did you mean --${meant}?`}`
  }
  if (/does not take an argument/.test(message)) return `The option ${option} takes no value.`
  return `The option ${option} needs a value. One that begins with a hyphen is written ${option}=<value>.`
}

/** Divides the arguments at `--`, after which a command begins; `undefined` if there is none. */
export function splitCommand(args: readonly string[]): { own: string[]; command: string[] | undefined } {
  const at = args.indexOf('--')
  return at < 0 ? { own: [...args], command: undefined } : { own: args.slice(0, at), command: args.slice(at + 1) }
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A timer of Node cannot wait for longer than 24 days. */
const mostMs = 24 * 3_600_000

/** Reads a duration such as `500ms`, `10s` or `5m`, in milliseconds. */
export function parseDuration(option: string, text: string, leastMs = 0): number {
  const [, number = '', unit = ''] = /^(\d{1,6}(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  if (number === '') throw new CliError(`${option} takes a duration such as 500ms, 10s or 5m.`)
  const ms = Number(number) * (units[unit] as number)
  if (ms < leastMs || ms > mostMs) throw new CliError(`${option} takes a duration from ${leastMs}ms to 24h.`)
  return ms
}
