import { SecretCacheError } from '../core/failures/errors.js'
import type { SecretRequest } from '../core/secrets/source.js'
import { isPassedOn } from './parameter-id.js'

/** What selects a version: a number or a label, undefined for the last version, or the one before, whose number is not known yet. */
export type Selector = { readonly text: string } | 'previous' | undefined

/** The labels of a secret that a parameter has too, though not by this name. */
const AWSCURRENT = 'AWSCURRENT'
const AWSPREVIOUS = 'AWSPREVIOUS'

/**
 * Translates what a reader asks for: the number of a version, a label of the parameter, AWSCURRENT for the last version, AWSPREVIOUS for the
 * one before. Throws ERR_SECRET_VERSION for what no parameter has.
 */
export function selectorOf({ secretId, versionId, versionStage }: SecretRequest): Selector {
  const isSecret = isPassedOn(secretId)
  if (versionId !== undefined) {
    // What follows a point is the date of a parameter that was created again.
    const [number = ''] = versionId.split('.')
    if (!isSecret && !/^[1-9]\d*$/.test(number)) throw noVersion(secretId, 'A version of a parameter is a number.')
    return { text: isSecret ? versionId : number }
  }
  if (versionStage === undefined || versionStage === AWSCURRENT) return undefined
  if (isSecret) return { text: versionStage }
  if (versionStage === AWSPREVIOUS) return 'previous'
  if (versionStage.startsWith('AWS')) throw noVersion(secretId, `A parameter has no ${versionStage}.`)
  if (!/^[a-z_.-][\w.-]*$/i.test(versionStage)) throw noVersion(secretId, 'No label of a parameter has this form.')
  return { text: versionStage }
}

/** The error for a version that does not exist. */
export function noVersion(secretId: string, message: string): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_VERSION',
    message,
    secretId,
    cause: Object.assign(new Error(message), { name: 'ParameterVersionNotFound' }),
  })
}
