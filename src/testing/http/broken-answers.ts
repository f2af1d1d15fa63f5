import type { Output } from '../output.js'
import { toWire } from './wire.js'

/**
 * A response that no client can use. `cut`: the connection ends after half of the body. `echo`: an error whose type and message quote the
 * secret. `empty`: no body. `html`: a web page. `huge`: a MiB of padding. `reset`: no response at all. `truncated`: JSON without its last
 * character. `wrong-types`: an object in place of each value.
 */
export type BrokenAnswer = 'cut' | 'echo' | 'empty' | 'html' | 'huge' | 'reset' | 'truncated' | 'wrong-types'

/** All kinds, for messages that list them. */
export const brokenAnswers: readonly BrokenAnswer[] = [
  'cut',
  'echo',
  'empty',
  'html',
  'huge',
  'reset',
  'truncated',
  'wrong-types',
]

/** The response that is sent instead of a valid one. */
export interface RawAnswer {
  status: number
  contentType: string
  body: string
  /** Whether the connection ends after half of the body. */
  cut?: true
}

const json = 'application/x-amz-json-1.1'
const mebibyte = 1024 * 1024

/** Turns a valid response into a broken one. Where possible it still contains the secret, which must not appear in a client's error. */
export function breakAnswer(kind: Exclude<BrokenAnswer, 'reset'>, output: Output): RawAnswer {
  const members = toWire(output) as Record<string, unknown>
  const good = JSON.stringify(members)
  switch (kind) {
    case 'cut':
      return { status: 200, contentType: json, body: good, cut: true }
    case 'echo':
      return { status: 400, contentType: json, body: JSON.stringify({ ...members, __type: good, Message: good }) }
    case 'empty':
      return { status: 200, contentType: json, body: '' }
    case 'html':
      return { status: 200, contentType: 'text/html', body: `<!doctype html><title>Welcome</title><pre>${good}</pre>` }
    case 'huge':
      return { status: 200, contentType: json, body: JSON.stringify({ ...members, Padding: ' '.repeat(mebibyte) }) }
    case 'truncated':
      return { status: 200, contentType: json, body: good.slice(0, -1) }
    case 'wrong-types':
      return { status: 200, contentType: json, body: JSON.stringify(wrongTypes(members)) }
  }
}

function wrongTypes(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([member, value]) => [member, { unexpected: [value] }]))
}
