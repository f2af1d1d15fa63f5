import type { Output } from '../../output.js'
import { ServiceError } from '../../service-error.js'
import { parameterNotFound, validation } from '../errors.js'
import { splitSelector } from '../names.js'
import type { ParameterContext } from './operation.js'

const prefix = '/aws/reference/secretsmanager/'

/** Whether a name is of a secret rather than of a parameter. */
export function isReference(name: string): boolean {
  return name.startsWith(prefix)
}

/** Reads a secret by the name of a parameter, and a version of it by its id or label. Errors and their texts are those of the service. */
export function readReference(id: string, isDecrypted: boolean, context: ParameterContext): Output & { Name: string } {
  const { name, selector } = splitSelector(id)
  if (!isDecrypted) throw validation('WithDecryption flag must be True for retrieving a Secret Manager secret.')
  const secret = readSecret(name, selector, context)
  const { ARN, Name, VersionId, SecretString, VersionStages, CreatedDate } = secret
  return {
    Name: name,
    Type: 'SecureString',
    // A binary secret has no value here.
    ...(SecretString !== undefined && { Value: SecretString }),
    Version: 0,
    ...(selector !== undefined && { Selector: `:${selector}` }),
    SourceResult: JSON.stringify({
      ARN,
      name: Name,
      versionId: VersionId,
      secretString: SecretString,
      versionStages: VersionStages,
      createdDate: inWords(CreatedDate as Date),
    }),
    LastModifiedDate: CreatedDate,
    ARN,
  }
}

function readSecret(name: string, selector: string | undefined, context: ParameterContext): Output {
  const secretId = name.slice(prefix.length)
  const wanted = selector === undefined ? [{}] : [...versionIds(selector), { VersionStage: selector }]
  for (const version of wanted) {
    try {
      return context.readSecret({ SecretId: secretId, ...version })
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      if (error.name !== 'ResourceNotFoundException') throw validation('Invalid Request to Secrets Manager')
    }
  }
  // The service itself writes "null" where there is no selector.
  const shown = `${name.slice(1)}${selector === undefined ? 'null' : `:${selector}`}`
  throw parameterNotFound(`An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret ${shown} not found.`)
}

/** The selector as the id of a version, if it can be one. */
function versionIds(selector: string): { VersionId: string }[] {
  return selector.length >= 32 && selector.length <= 64 ? [{ VersionId: selector }] : []
}

/** A date as in `SourceResult`: `Oct 14, 2021, 10:18:47 AM`. */
function inWords(date: Date): string {
  const words = date.toLocaleString('en-US', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' })
  return words.replace('\u202f', ' ')
}
