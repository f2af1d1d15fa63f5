import { SecretCacheError } from '../core/failures/errors.js'
import { isArn, isParameterArn, parseSecretArn } from '../core/secrets/secret-id.js'

/** References that Parameter Store passes on to Secrets Manager. */
const passedOn = '/aws/reference/secretsmanager/'

const nameForm = /^[\w.-]+$|^\/[\w.\-/]+$/

/** Whether a name refers to a secret that Parameter Store reads from Secrets Manager. */
export function isPassedOn(name: string): boolean {
  return name.startsWith(passedOn)
}

/** Whether an id is certainly of a parameter: a path, or the ARN of one. */
export function isParameterId(secretId: string): boolean {
  return secretId.startsWith('/') || isParameterArn(secretId)
}

/** The name of a parameter without the slash that it may begin with: `foo` and `/foo` are one. */
export function bareName(id: string): string {
  return parseSecretArn(id)?.resource ?? id.replace(/^\//, '')
}

const selectorHint =
  'Pass { versionId } for a version or { versionStage } for a label; resolve() reads references that contain them.'

/** Throws ERR_SECRET_REQUEST unless the id can be that of a parameter in this Region. */
export function checkParameterId(secretId: string, region: string | undefined): void {
  if (isPassedOn(secretId)) {
    if (secretId.includes(':')) throw refused(secretId, 'names a version or a label', selectorHint)
    return
  }
  const arn = parseSecretArn(secretId)
  if (isArn(secretId)) {
    if (arn === undefined || !isParameterArn(secretId)) {
      throw refused(secretId, 'is not the ARN of a parameter', 'Secrets are read by routedSource({ secrets, parameters }).')
    }
    if (region !== undefined && arn.region !== region) {
      throw refused(
        secretId,
        `is in ${arn.region}, and this source reads ${region}`,
        'A source reads one Region: create another one.',
      )
    }
    return
  }
  if (secretId.includes(':')) {
    throw refused(secretId, 'names a version or a label', selectorHint)
  }
  if (!nameForm.test(secretId)) {
    const hint = 'It consists of letters, digits and ._-, and with slashes in it begins with one.'
    throw refused(secretId, 'is not the name of a parameter', hint)
  }
}

function refused(secretId: string, reason: string, hint: string): SecretCacheError {
  // As the service would call it, so that the cache repeats the reason.
  const cause = Object.assign(new Error(`It ${reason}.`), { name: 'ValidationException' })
  return new SecretCacheError({ code: 'ERR_SECRET_REQUEST', message: `${secretId} ${reason}.`, secretId, cause, hint })
}
