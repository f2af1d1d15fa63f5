import { getSystemErrorMap } from 'node:util'
import { type Asked, askedOf, isOfAnswer } from './asked.js'
import { withoutRequest } from './quoted-request.js'
import { verdictOn } from './verdicts.js'

/**
 * What may be repeated of an error that is not ours.
 *
 * A foreign error is never passed on: V8 quotes the text that it could not parse, the SDK quotes a broken answer's body and copies
 * its fields onto the error. So only words from fixed lists, numbers and well-formed request ids get through, and messages of two
 * sorts: those of known service exceptions, and those of what failed before there was any answer that they could quote.
 */
export interface ForeignError {
  /** A known exception's name, else `Error`. */
  name: string
  /** A known system error's code. */
  code: string | undefined
  /** The HTTP status. */
  status: number | undefined
  requestId: string | undefined
  /** Undefined if it might quote an answer. */
  message: string | undefined
  /** Whether an answer had begun. */
  answered: boolean
  /** What its source has noted of whom it asked. */
  asked: Asked | undefined
}

/** Names that say what sort of thing went wrong. The messages that come with them are not repeated. */
const plainNames = /^(Abort|Aggregate|Range|Syntax|Timeout|Type)Error$/

/** What the SDK throws while it looks for credentials, or for the service: nothing was sent yet. */
const earlyNames = /^((Credentials|Token)?Provider|Endpoint|InstanceMetadataV1Fallback)Error$/

/** The same without a name: of the SDK, of a bundle, and of Node where a module is not there. */
const earlyMessages =
  /^(Region (is missing|not accepted)|Dynamic require of "[^"]+" is not supported$|require is not defined|Cannot find (module|package) ')/

/** What Node says of a connection without naming the system's code. */
const connectionMessages =
  /^(socket hang up$|Client network socket disconnected|Hostname\/IP does not match|certificate |self-signed )/

/** Providers of credentials ask servers too, and put into their own words what V8 says of an answer that is no JSON. */
const quotesText = /SyntaxError|Unexpected token|JSON at position|is not valid JSON/

/** Codes of Node that stand for a system's error without being one. */
const nodeCodes =
  /^(ENOTFOUND|EAI_AGAIN|(ERR_)?(INVALID_URL|MODULE_NOT_FOUND|STREAM_PREMATURE_CLOSE|TLS_CERT_ALTNAME_INVALID)|CERT_HAS_EXPIRED|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)|UND_ERR_(CONNECT_TIMEOUT|HEADERS_TIMEOUT|SOCKET))$/

const requestIdForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Whether it says that a module, or the Region, is missing. */
export function isEarlyMessage(message: string): boolean {
  return earlyMessages.test(message)
}

/** Reads what may be repeated of anything that was thrown. Never throws itself, whatever a getter or a proxy does. */
export function readForeignError(thrown: unknown): ForeignError {
  try {
    return read(thrown)
  } catch {
    // Nothing of it may be repeated.
    return read(undefined)
  }
}

function read(thrown: unknown): ForeignError {
  const error = asRecord(thrown)
  const metadata = asRecord(error.$metadata)
  // A copy of an error, as our own errors have one for their cause, says these itself.
  const status = metadata.httpStatusCode ?? asRecord(error.$response).statusCode ?? error.status
  const requestId = String(metadata.requestId ?? error.requestId)
  const answered = isOfAnswer(error)
  const name = String(error.name)
  const isException = verdictOn(name) !== undefined
  const isEarly = earlyNames.test(name)
  const system = systemErrorIn(error)
  return {
    name: isException || isEarly || plainNames.test(name) ? name : 'Error',
    code: system.code as string | undefined,
    status: typeof status === 'number' ? status : undefined,
    requestId: requestIdForm.test(requestId) ? requestId : undefined,
    message: isException ? textOf(error.message) : answered ? undefined : earlyMessageOf(isEarly, error.message, system),
    answered,
    asked: askedOf(error),
  }
}

/** The `cause` of our own error: a new Error that holds only what may be repeated. */
export function causeFrom({ name, code, status, requestId, message }: ForeignError): Error {
  const cause = new Error(message ?? code ?? (status === undefined ? name : `HTTP ${status}`))
  // Its trace would be that of this function. pino prints nothing else of a cause.
  const ids = [status && `HTTP ${status}`, requestId && `request ${requestId}`].filter(Boolean).join(', ')
  cause.stack = `${name}: ${cause.message}${ids && ` (${ids})`}`
  const known = Object.entries({ name, code, status, requestId }).filter(([, value]) => value !== undefined)
  return Object.assign(cause, Object.fromEntries(known))
}

/** The first of an error's messages that comes from before any answer. */
function earlyMessageOf(isEarly: boolean, own: unknown, { code, message }: Record<PropertyKey, unknown>): string | undefined {
  const isOfSystem = (text: string): boolean =>
    code !== undefined && (connectionMessages.test(text) || new RegExp(`^(\\w+ )?${code}\\b`).test(text))
  return [textOf(own), textOf(message)].find(
    text => text !== undefined && (isEarly || isEarlyMessage(text) || isOfSystem(text)) && !quotesText.test(text),
  )
}

function textOf(message: unknown): string | undefined {
  return (typeof message === 'string' && withoutRequest(message)) || undefined
}

/** The SDK wraps: a failed connection may be the cause, or the first of several addresses that were tried. */
function systemErrorIn(error: Record<PropertyKey, unknown>): Record<PropertyKey, unknown> {
  return [error, asRecord(error.cause), asRecord(asRecord(error.errors)[0])].find(({ code }) => isSystemCode(code)) ?? {}
}

function isSystemCode(code: unknown): code is string {
  if (typeof code !== 'string') return false
  return nodeCodes.test(code) || [...getSystemErrorMap().values()].some(([known]) => known === code)
}

function asRecord(value: unknown): Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>) : {}
}
