import { describeError } from './cli-error.js'
import type { Io } from './command.js'

/** Writes lines about what a command does to stderr, so that stdout holds results only. */
export interface Voice {
  /** `fields` are for `--json` alone. */
  say(type: string, text: string, fields?: Readonly<Record<string, unknown>>): void
  fail(error: unknown, prefix?: string): void
  /** Says what is waited for, if it takes long. */
  waiting<T>(text: string, promise: Promise<T>): Promise<T>
}

/** After which a wait is worth a line. */
const longWaitMs = 1_000

/** The voice of a command: plain lines, or JSON with `--json`. */
export function voiceOf(io: Pick<Io, 'stderr'>, isJson: boolean): Voice {
  const say: Voice['say'] = (type, text, fields = {}) =>
    void io.stderr.write(isJson ? `${JSON.stringify({ type, ...fields, message: text })}\n` : `awscurrent: ${text}\n`)
  return {
    say,
    fail(error, prefix = '') {
      const { code, message } = describeError(error)
      say('error', prefix + message, code === undefined ? {} : { code })
    },
    async waiting(text, promise) {
      const timer = setTimeout(() => say('waiting', text), longWaitMs)
      try {
        return await promise
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
