import { bytes, type Input, text, versionIdOf } from '../input.js'
import { hasValue, type SecretState, type SecretVersion, sameValue, withLabel, withVersion } from '../secret-state.js'
import type { StoredSecret } from '../secret-store.js'
import { alreadyExists, invalidMember, invalidParameter, invalidRequest, type ServiceError } from '../service-error.js'
import type { ServiceContext } from './operation.js'

/** The maximum size of a value. */
const mostBytes = 65_536

/** A value as it is in an input. */
export type NewValue = Pick<SecretVersion, 'string' | 'binary'>

/** The value in an input; undefined if it has none. */
export function newValue(input: Input): NewValue | undefined {
  const string = text(input, 'SecretString')
  const binary = bytes(input, 'SecretBinary')
  if (string !== undefined && binary !== undefined) {
    throw invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.")
  }
  // The limit is documented in bytes; moto checks no limit.
  if (string !== undefined) return { string: checkSize('SecretString', string, Buffer.byteLength(string)) }
  return binary === undefined ? undefined : { binary: Uint8Array.from(checkSize('SecretBinary', binary, binary.length)) }
}

/** The id of the version to create: the token of the request, so that a request that is sent twice creates one version. */
export function newVersionId(input: Input, context: ServiceContext): string {
  return versionIdOf(input, 'ClientRequestToken') ?? context.store.nextVersionId()
}

/** The errors of the operations that create a version for a request without a token. */
const complaints: Readonly<Record<string, (message: string) => ServiceError>> = {
  CreateSecret: invalidRequest,
  PutSecretValue: invalidRequest,
  RotateSecret: invalidParameter,
  UpdateSecret: invalidRequest,
}

/** Throws if a request lacks the required token. The SDKs and the CLI fill one in; the service itself does not. */
export function requireToken(operation: string, input: Input): void {
  const complain = Object.hasOwn(complaints, operation) ? complaints[operation] : undefined
  if (complain === undefined || text(input, 'ClientRequestToken') !== undefined) return
  throw complain('You must provide a ClientRequestToken value. We recommend a UUID-type value.')
}

/** Adds a version with its labels, unless the same request has already done so. */
export function addVersion(
  secret: StoredSecret,
  id: string,
  value: NewValue,
  stages: readonly string[],
  { store, now }: Pick<ServiceContext, 'store' | 'now'>,
): void {
  const known = secret.state.versions.get(id)
  if (known !== undefined && hasValue(known)) {
    if (sameValue(known, value)) return
    throw tokenInUse(secret, id)
  }
  let state: SecretState = withVersion(secret.state, { id, createdMs: now(), ...value })
  // The first version of a secret is the current one, whatever its labels.
  const isFirst = secret.state.versions.size === 0
  for (const stage of isFirst ? new Set([...stages, 'AWSCURRENT']) : stages) state = withLabel(state, stage, id)
  store.change(secret, state)
}

/** The token was used before, with a different value. */
export function tokenInUse({ arn }: StoredSecret, token: string): ServiceError {
  return alreadyExists(
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
  )
}

function checkSize<T>(member: string, value: T, length: number): T {
  if (length > mostBytes) throw invalidMember(member, `have length less than or equal to ${mostBytes}`)
  if (length === 0) throw invalidMember(member, 'have length greater than or equal to 1')
  return value
}
