import { isSecretCacheError } from '../core/failures/errors.js'
import { failureFrom } from '../core/failures/failure.js'
import { unhelpfulAfterMs } from '../core/failures/verdicts.js'
import { Contact } from '../core/loads/contact.js'
import { aClock, type OptionRule } from '../core/options/check-options.js'
import type { SourceOptions } from '../core/secrets/source.js'
import { pauseAfter } from '../core/time/backoff.js'
import { type Clock, completeClock, sleep } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { within } from '../core/time/within.js'
import { fetchFromHost, type HostAnswer } from './fetch-from-host.js'
import { explained, isTokenRefused, refusalFrom } from './refusal.js'
import { MissingToken, readToken } from './token.js'

/** Where the agent or the extension listens, and how it is called. All are optional. */
export interface AgentOptions {
  /** The port on this host. @default PARAMETERS_SECRETS_EXTENSION_HTTP_PORT, or else 2773 */
  port?: number
  /**
   * The token by which the agent recognises callers on this host, or `file://` and the path of a file that contains it. The file is read
   * again for each request, waited for if it does not exist yet, and read once more when the agent rejects its token.
   * @default the first of AWS_TOKEN, AWS_SESSION_TOKEN, AWS_CONTAINER_AUTHORIZATION_TOKEN and the file /var/run/awssmatoken
   */
  token?: string
  /** The clock for the pauses between attempts. @default the clock of the machine */
  clock?: Clock
}

const aPort: OptionRule = value =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535 ? undefined : 'a port from 1 to 65535'

/** The rules for them. */
export const agentRules: Readonly<Record<keyof AgentOptions, OptionRule>> = {
  port: aPort,
  token: value => (typeof value === 'string' && value.trim() !== '' ? undefined : 'a string that is not empty'),
  clock: aClock,
}

const portVariable = 'PARAMETERS_SECRETS_EXTENSION_HTTP_PORT'
const defaultPort = 2_773

/** Ten attempts take at most 3.25 s, so that a load of five seconds still ends with the reason and not with its deadline. */
const mostAttempts = 10
const pauses = { initialMs: 50, factor: 2, maxMs: 500 }

/** An attempt that hangs is given up early enough for another one, but not before a slow agent could have responded. */
const leastAttemptMs = 1_000

/** A request, and what it reads. */
interface AgentRequest {
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly secretId: string
  /** Waits until a repeated attempt may be made. @default at once, after the pause */
  readonly nextTurn?: () => Promise<void>
}

/** Calls the agent or the extension, again after transient failures. Resolves with the body of the response. */
export type AgentCall = (request: AgentRequest, options: SourceOptions) => Promise<string>

/** Prepares the calls. */
export function agentCalls({ port = portFromEnvironment(), token, clock: givenClock }: AgentOptions): AgentCall {
  const clock = completeClock(givenClock)
  const contact = new Contact(() => undefined)
  const keepAlive = new KeepAlive()

  async function ask({ path, query }: AgentRequest, signal: AbortSignal): Promise<string> {
    // The agent rejects unknown and empty parameters.
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const answer = await fetchByToken(`${path}?${new URLSearchParams(given)}`, signal)
    if (answer.status !== 200) throw refusalFrom(answer)
    return answer.body
  }

  async function fetchByToken(path: string, signal: AbortSignal): Promise<HostAnswer> {
    const sent = await readToken(token)
    const answer = await fetchFromHost({ port, path, token: sent }, signal)
    if (!isTokenRefused(answer)) return answer
    // The agent may have restarted, with another token, since this one was read.
    const renewed = await readToken(token)
    return renewed === sent ? answer : fetchFromHost({ port, path, token: renewed }, signal)
  }

  /** Makes one attempt, which takes at most half of the time that is left, or `leastAttemptMs` if that is longer. */
  function attempt(request: AgentRequest, leftMs: number, signal: AbortSignal): Promise<string> {
    if (leftMs === Number.POSITIVE_INFINITY) return ask(request, signal)
    return within(clock, Math.max(leftMs / 2, leastAttemptMs), inTime => ask(request, inTime), signal)
  }

  return async (request, { signal, timeLeftMs = Number.POSITIVE_INFINITY }) => {
    const startedAt = clock.elapsedMs()
    for (let attempts = 1; ; attempts += 1) {
      try {
        const leftMs = startedAt + timeLeftMs - clock.elapsedMs()
        return await contact.watch(attempt(request, leftMs, signal))
      } catch (error) {
        const patienceMs = patienceWith(error, startedAt + unhelpfulAfterMs - clock.elapsedMs())
        if (attempts === mostAttempts || patienceMs <= 0) throw explained(error, request.secretId, port)
        const pauseMs = Math.min(pauseAfter(attempts, pauses), patienceMs)
        await keepAlive.during(() => sleep(clock, pauseMs, signal))
        await request.nextTurn?.()
      }
    }
  }
}

/**
 * The longest pause before the next attempt; 0 if there is none, `briefMs` if waiting helps little. No attempt helps after a
 * `SecretCacheError`, such as for an invalid token, except if the file of the token is late.
 */
function patienceWith(error: unknown, briefMs: number): number {
  if (error instanceof MissingToken) return briefMs
  const { kind, waitingHelps } = failureFrom(error)
  if (isSecretCacheError(error) || kind !== 'transient') return 0
  return waitingHelps ? Number.POSITIVE_INFINITY : briefMs
}

function portFromEnvironment(): number {
  const text = process.env[portVariable]
  if (text === undefined || text === '') return defaultPort
  const expected = aPort(Number(text))
  if (expected !== undefined) throw new TypeError(`The environment variable ${portVariable} must be ${expected}.`)
  return Number(text)
}
