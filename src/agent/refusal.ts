import { SecretCacheError, type SecretCacheErrorCode } from '../core/failures/errors.js'
import { failureFrom } from '../core/failures/failure.js'
import { causeFrom, readForeignError } from '../core/failures/foreign-error.js'
import { withoutRequest } from '../core/failures/quoted-request.js'
import { verdictOn } from '../core/failures/verdicts.js'
import type { HostAnswer } from './fetch-from-host.js'

/** An exception of the service, as far as the response repeats it. */
interface ServiceException {
  name: string
  message: string
}

/** The agent does not escape its JSON, so a quotation mark in a message makes it invalid. */
const unescapedJson = /^\{\s*"__type"\s*:\s*"(\w+)"\s*,\s*"[Mm]essage"\s*:\s*"(.*)"\s*\}$/s

/** The error messages of the AWS SDK for Go, in which the extension is written. */
const goError = /\bapi error (\w+): (.*)/s

const refusedToken =
  "Is the token the agent's own? Pass { token } to agentSource: the token itself, or file:// and the path of its file."

/** The error of a response without a secret: by the exception of the service if the response names it, otherwise by the HTTP status. */
export function refusalFrom({ status, body }: HostAnswer): Error {
  const { name, message } = exceptionIn(body.trim()) ?? { name: undefined, message: '' }
  const error = Object.assign(new Error(withoutRequest(message)), {
    name: name ?? 'Error',
    $metadata: { httpStatusCode: status },
  })
  if (name === 'MaxRolesExceeded') {
    const hint = 'The agent drops no role until it restarts: raise its max_roles.'
    return refused('ERR_SECRET_CONFIG', 'The agent assumes no further role.', error, hint)
  }
  if (/^Failed to create caching client from role/.test(message)) {
    const hint = "The agent's role needs sts:AssumeRole on it, and its trust policy must name the agent's role."
    return refused('ERR_SECRET_ACCESS_DENIED', 'The agent cannot assume the role.', error, hint)
  }
  if (name !== undefined) return error
  if (isTokenRefused({ status, body })) return refused('ERR_SECRET_CREDENTIALS', 'The token was rejected.', error, refusedToken)
  if (status === 400 && /unknown parameter|invalid refreshNow/i.test(body)) {
    const hint = /roleArn/.test(body)
      ? 'Only the AWS Workload Credentials Provider has roleArn, from 3.0: not the extension, nor the agent before it.'
      : 'The extension and old agents have no refreshNow: pass { refreshNow: false }.'
    return refused('ERR_SECRET_CONFIG', 'It does not know a parameter of the request.', error, hint)
  }
  if (status === 400 && body.trim() === 'Forwarded') {
    const hint = 'Something in between adds X-Forwarded-For, perhaps the proxy of a service mesh: exclude this port there.'
    return refused('ERR_SECRET_CONFIG', 'The agent rejects forwarded requests.', error, hint)
  }
  // Another server or another path: a retry would have the same result.
  const isOther = status < 500 && status !== 400 && status !== 429
  return isOther
    ? refused('ERR_SECRET_CONFIG', `It returned HTTP ${status}.`, error, 'Does something else listen on that port?')
    : error
}

/** Whether the token was rejected: a denial by the service contains the name of its exception, with any status. */
export function isTokenRefused({ status, body }: HostAnswer): boolean {
  return (status === 401 || status === 403) && exceptionIn(body.trim()) === undefined
}

/** The error that ends a read, with a hint if its own message says too little. */
export function explained(error: unknown, secretId: string, port: number): unknown {
  const foreign = readForeignError(error)
  const hint = hintFor(foreign, port)
  if (hint === undefined) return error
  const { code } = failureFrom(error)
  return new SecretCacheError({ code, message: `${secretId} could not be read.`, secretId, cause: causeFrom(foreign), hint })
}

function hintFor(
  { name, code, status }: { name: string; code?: string | undefined; status?: number | undefined },
  port: number,
): string | undefined {
  if (code === 'ECONNREFUSED') return `Nothing listens on port ${port} of this host: is the agent running, the layer attached?`
  if (name !== 'Error') return undefined
  if (status === 400)
    return 'The extension returns this until the function is first invoked, under load, and instead of the reason why a secret cannot be read, which its log has.'
  return status === 429 ? 'The agent has no free connection: raise its max_conn.' : undefined
}

function exceptionIn(body: string): ServiceException | undefined {
  const [, name, message = ''] = unescapedJson.exec(body) ?? goError.exec(body) ?? []
  return exceptionInJson(body) ?? (name === undefined ? mentionedIn(body) : { name, message })
}

/** An exception of which only the name is known. */
function mentionedIn(body: string): ServiceException | undefined {
  const name = body.match(/\b[A-Z]\w+(?:Exception|Failure)\b/g)?.find(word => verdictOn(word) !== undefined)
  return name === undefined ? undefined : { name, message: '' }
}

function exceptionInJson(body: string): ServiceException | undefined {
  try {
    const { __type: type, message, Message } = JSON.parse(body)
    const [, name] = /^(?:.*#)?(\w+)$/.exec(type) ?? []
    return name === undefined ? undefined : { name, message: String(message ?? Message ?? '') }
  } catch {
    // V8's message would quote the text. Text that is not JSON may still name an exception.
    return undefined
  }
}

function refused(code: SecretCacheErrorCode, reason: string, error: Error, hint: string): SecretCacheError {
  return new SecretCacheError({
    code,
    message: reason,
    cause: causeFrom(readForeignError(error)),
    hint,
  })
}
