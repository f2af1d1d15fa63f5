import { causeFrom, readForeignError } from '../../core/failures/foreign-error.js'
import { MissingPeerError } from '../../core/failures/peer.js'
import { withoutRequest } from '../../core/failures/quoted-request.js'
import { type CheckId, type Finding, problem, unknown } from './finding.js'

/** Why a call to AWS failed, as far as the doctor treats it differently. */
type FailureKind = 'package' | 'credentials' | 'region' | 'denied' | 'missing' | 'unreachable' | 'other'

/** A failed call to AWS. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly kind: FailureKind
  /** The operation: `GetTopicAttributes`. */
  readonly operation: string
  /** The name of the service's exception. */
  readonly exception: string

  constructor(operation: string, thrown: unknown) {
    const exception = exceptionName(thrown)
    super(messageOf(thrown, exception), { cause: causeFrom(readForeignError(thrown)) })
    this.kind = kindOf(thrown, exception)
    this.operation = operation
    this.exception = exception
  }
}

function exceptionName(thrown: unknown): string {
  const { name, $fault } = (thrown ?? {}) as { name?: unknown; $fault?: unknown }
  return $fault !== undefined && typeof name === 'string' && /^[\w.]{1,100}$/.test(name) ? name : ''
}

/** Exceptions of the services may be repeated; of all other errors, which may quote a response, only what is safe. */
function messageOf(thrown: unknown, exception: string): string {
  if (thrown instanceof MissingPeerError) return thrown.message
  const { message } = (thrown ?? {}) as { message?: unknown }
  if (exception !== '' && typeof message === 'string' && message !== '') return withoutRequest(message)
  return exception || causeFrom(readForeignError(thrown)).message
}

const badCredentials =
  /ExpiredToken|InvalidClientTokenId|UnrecognizedClient|Signature|InvalidAccessKeyId|RequestExpired|AuthFailure|MissingAuthenticationToken/

function kindOf(thrown: unknown, exception: string): FailureKind {
  if (thrown instanceof MissingPeerError) return 'package'
  const { name, message = '' } = readForeignError(thrown)
  if (/ProviderError/.test(name) || badCredentials.test(exception)) return 'credentials'
  if (/Region (is missing|not accepted)/.test(message)) return 'region'
  if (/AccessDenied|AuthorizationError|NotAuthorized/.test(exception)) return 'denied'
  if (/NotFound|DoesNotExist|NonExistentQueue/.test(exception)) return 'missing'
  return (thrown as { $fault?: unknown } | undefined)?.$fault === 'client' ? 'other' : 'unreachable'
}

/** The statement that lets the doctor make a call. */
export interface Need {
  readonly action: string | readonly string[]
  readonly resource: string
}

/** The finding for a check that a failed call has ended: it is not a fault of the wiring. */
export function unchecked(id: CheckId, what: string, error: unknown, need?: Need): Finding {
  if (!(error instanceof CallError)) throw error
  if (error.kind === 'package') {
    return unknown(id, `${what}: ${error.message}`, { remedy: `npm install ${packageIn(error.message)}` })
  }
  const text = `${what}: ${error.operation} failed: ${error.message}`
  if (error.kind === 'denied' && need !== undefined) {
    const statement = { Effect: 'Allow', Action: need.action, Resource: need.resource }
    return unknown(id, text, { remedy: 'Add this statement to a policy of whoever runs the doctor:', statement })
  }
  if (error.kind === 'credentials') {
    return problem(id, text, { remedy: 'Set AWS_PROFILE, sign in again (aws sso login), or attach a role to this machine.' })
  }
  if (error.kind === 'region') return problem(id, text, { remedy: 'Set AWS_REGION, or pass --region.' })
  return unknown(id, text, {
    remedy:
      error.kind === 'unreachable' ? 'Is there a way from here to the endpoint of this service?' : 'Check the name and Region.',
  })
}

function packageIn(message: string): string {
  return /@[\w-]+\/[\w-]+/.exec(message)?.[0] ?? 'the package'
}
