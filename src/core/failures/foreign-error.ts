import { getSystemErrorMap } from 'node:util'
import { verdictOn } from './verdicts.js'

/**
 * What may be repeated of an error that is not ours.
 *
 * A foreign error is never passed on: V8 quotes the text that it could not parse, the SDK quotes a broken answer's body and copies
 * its fields onto the error. So only words from fixed lists, numbers and well-formed request ids get through.
 */
export interface ForeignError {
  /** A known exception's name, else `Error`. */
  name: string
  /** A known system error's code. */
  code: string | undefined
  /** The HTTP status. */
  status: number | undefined
  requestId: string | undefined
  /** The message of a known service exception; undefined for everything else. */
  message: string | undefined
  /** Whether an answer had begun: then the request had reached the service. */
  answered: boolean
}

/** Names that say what sort of thing went wrong. The messages that come with them are not repeated. */
const plainNames = /^(Abort|Aggregate|CredentialsProvider|Provider|Range|Syntax|Timeout|TokenProvider|Type)Error$/

/** Codes of Node that stand for a system's error without being one. */
const nodeCodes =
  /^(ENOTFOUND|EAI_AGAIN|ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|ERR_STREAM_PREMATURE_CLOSE|ERR_TLS_CERT_ALTNAME_INVALID|CERT_HAS_EXPIRED|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)|UND_ERR_(CONNECT_TIMEOUT|HEADERS_TIMEOUT|SOCKET))$/

const requestIdForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const longestMessage = 1_000

/** Of what nothing may be repeated. */
const unreadable: ForeignError = {
  name: 'Error',
  code: undefined,
  status: undefined,
  requestId: undefined,
  message: undefined,
  answered: false,
}

/** Reads what may be repeated of anything that was thrown. Never throws itself, whatever a getter or a proxy does. */
export function readForeignError(thrown: unknown): ForeignError {
  try {
    return read(thrown)
  } catch {
    return unreadable
  }
}

function read(thrown: unknown): ForeignError {
  const error = asRecord(thrown)
  const metadata = asRecord(error.$metadata)
  const status = metadata.httpStatusCode ?? asRecord(error.$response).statusCode
  const name = String(error.name)
  const isException = verdictOn(name) !== undefined
  return {
    name: isException || plainNames.test(name) ? name : 'Error',
    code: systemCodeOf(error),
    status: typeof status === 'number' ? status : undefined,
    requestId: requestIdForm.test(String(metadata.requestId)) ? String(metadata.requestId) : undefined,
    message: isException && typeof error.message === 'string' ? error.message.slice(0, longestMessage) : undefined,
    answered: status !== undefined || error.$response !== undefined,
  }
}

/** The `cause` of our own error: a new Error that holds only what may be repeated. */
export function causeFrom({ name, code, status, requestId, message }: ForeignError): Error {
  const cause = new Error(message ?? code ?? (status === undefined ? name : `HTTP ${status}`))
  // Its trace would be that of this function.
  cause.stack = `${name}: ${cause.message}`
  const known = Object.entries({ name, code, status, requestId }).filter(([, value]) => value !== undefined)
  return Object.assign(cause, Object.fromEntries(known))
}

/** The SDK wraps: a failed connection may be the cause, or the first of several addresses that were tried. */
function systemCodeOf(error: Record<string, unknown>): string | undefined {
  const [firstTried] = Array.isArray(error.errors) ? error.errors : []
  return [error, asRecord(error.cause), asRecord(firstTried)].map(({ code }) => code).find(isSystemCode)
}

function isSystemCode(code: unknown): code is string {
  if (typeof code !== 'string') return false
  return nodeCodes.test(code) || [...getSystemErrorMap().values()].some(([known]) => known === code)
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
