import { getSystemErrorMap } from 'node:util'
import { type Asked, askedOf, isOfAnswer } from './asked.js'
import { withoutRequest } from './quoted-request.js'
import { verdictOn } from './verdicts.js'

/**
 * The parts of a foreign error that may be repeated.
 *
 * A foreign error is never passed on, because it may quote a secret: V8 quotes the text that it could not parse, and the SDK quotes the
 * body of a malformed response and copies its fields onto the error. So only words from fixed lists, numbers and well-formed request ids
 * are kept, and two kinds of messages: those of known service exceptions, and those of failures before any response that could be quoted.
 */
export interface ForeignError {
  /** The name of a known exception, otherwise `Error`. */
  name: string
  /** The code of a known system error. */
  code: string | undefined
  /** The HTTP status. */
  status: number | undefined
  requestId: string | undefined
  /** Undefined if it might quote a response. */
  message: string | undefined
  /** Whether a response had begun. */
  answered: boolean
  /** The service that the source had called, if it noted that. */
  asked: Asked | undefined
}

/** Names that show the kind of failure. The messages of these errors are not repeated. */
const plainNames = /^(Abort|Aggregate|Range|Syntax|Timeout|Type)Error$/

/** Errors of the SDK while it looks for credentials or the endpoint: nothing was sent yet. */
const earlyNames = /^((Credentials|Token)?Provider|Endpoint|InstanceMetadataV1Fallback)Error$/

/** The messages of such errors without a name: of the SDK, of a bundle, and of Node if a module is missing. */
const earlyMessages =
  /^(Region (is missing|not accepted)|Dynamic require of "[^"]+" is not supported$|require is not defined|Cannot find (module|package) ')/

/** Messages of Node about a connection that do not contain the system error code. */
const connectionMessages =
  /^(socket hang up$|Client network socket disconnected|Hostname\/IP does not match|certificate |self-signed )/

/** Credential providers call servers too, and their messages may include V8's quote of a response that is not JSON. */
const quotesText = /SyntaxError|Unexpected token|JSON at position|is not valid JSON/

/** Codes of Node for network failures that are not system error codes. */
const nodeCodes =
  /^(ENOTFOUND|EAI_AGAIN|(ERR_)?(INVALID_URL|MODULE_NOT_FOUND|STREAM_PREMATURE_CLOSE|TLS_CERT_ALTNAME_INVALID)|CERT_HAS_EXPIRED|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)|UND_ERR_(CONNECT_TIMEOUT|HEADERS_TIMEOUT|SOCKET))$/

const requestIdForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Whether a message says that a module or the Region is missing. */
export function isEarlyMessage(message: string): boolean {
  return earlyMessages.test(message)
}

/** Reads the parts that may be repeated from anything that was thrown. Never throws itself, even if a getter or a proxy does. */
export function readForeignError(thrown: unknown): ForeignError {
  try {
    return read(thrown)
  } catch {
    // A getter or a proxy threw: nothing may be repeated.
    return read(undefined)
  }
}

function read(thrown: unknown): ForeignError {
  const error = asRecord(thrown)
  const metadata = asRecord(error.$metadata)
  // A copy, such as the cause of our own errors, has these as its own fields.
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

/** The `cause` of our own error: a new Error that contains only what may be repeated. */
export function causeFrom({ name, code, status, requestId, message }: ForeignError): Error {
  const cause = new Error(message ?? code ?? (status === undefined ? name : `HTTP ${status}`))
  // The trace would only show this function, and pino prints nothing but the stack of a cause.
  const ids = [status && `HTTP ${status}`, requestId && `request ${requestId}`].filter(Boolean).join(', ')
  cause.stack = `${name}: ${cause.message}${ids && ` (${ids})`}`
  const known = Object.entries({ name, code, status, requestId }).filter(([, value]) => value !== undefined)
  return Object.assign(cause, Object.fromEntries(known))
}

/** The first of an error's messages that was written before any response. */
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

/** The SDK wraps errors: a failed connection may be the cause, or the first of several addresses that were tried. */
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
