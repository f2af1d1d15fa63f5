import type { SecretCacheError } from '../core/failures/errors.js'
import { nearestName } from '../core/options/nearest-name.js'
import type { SecretRequest, SecretValue, SecretValues } from '../core/secrets/source.js'
import { refusal } from './file-errors.js'
import { meaningsOf } from './local-arn.js'
import type { LabelledVersion, LocalSecret } from './local-secret.js'
import type { LocalSecrets } from './local-secrets.js'
import type { Overrides } from './overrides.js'

type Wanted = Omit<SecretRequest, 'secretId'>

/** Answers requests from the contents that were last read, as Secrets Manager would. */
export class LocalService {
  readonly #file: string
  readonly #secrets: LocalSecrets
  readonly #overrides: Overrides

  constructor(file: string, secrets: LocalSecrets, overrides: Overrides) {
    this.#file = file
    this.#secrets = secrets
    this.#overrides = overrides
  }

  /** Throws an error whose `name` is the exception of the service. */
  answer({ secretId, ...wanted }: SecretRequest): SecretValue {
    const { secret, arn } = this.#find(secretId)
    this.#checkOverride(secret, secretId)
    if (secret.isRemoved) throw refusal('deleted', secretId, `It was removed from ${this.#file}.`, 'Put it back there.')
    const { content, label, versionId, createdDate } = versionIn(secret, secretId, wanted)
    secret.arns.add(arn)
    return { arn, name: secret.name, versionId, versionStages: [label], createdDate, ...content }
  }

  answerMany(secretIds: readonly string[]): SecretValues {
    const all: SecretValues = { values: [], errors: [] }
    for (const secretId of secretIds) {
      try {
        all.values.push(this.answer({ secretId }))
      } catch (thrown) {
        const { name, message } = thrown as SecretCacheError
        all.errors.push({ secretId, code: name, message })
      }
    }
    return all
  }

  #find(secretId: string): { secret: LocalSecret; arn: string } {
    const meanings = meaningsOf(secretId)
    for (const { name, arn } of meanings) {
      const secret = this.#secrets.find(name)
      if (secret !== undefined) return { secret, arn }
    }
    // The last meaning is the name without a suffix.
    const hint = this.#remedyFor(meanings.at(-1)?.name ?? secretId)
    throw refusal('missing', secretId, `${this.#file} has no secret of that name.`, hint)
  }

  #remedyFor(name: string): string {
    const meant = nearestName(name, this.#secrets.names)
    if (meant !== undefined) return `Did you mean "${meant}"?`
    const variable = this.#overrides.variableOf(name)
    return variable === undefined ? 'Add it there.' : `Add it there, or set ${variable}.`
  }

  #checkOverride({ name }: LocalSecret, secretId: string): void {
    const claimants = this.#overrides.claimants(name, this.#secrets.names)
    if (claimants.length < 2) return
    const reason = `${this.#overrides.variableOf(name)} may be meant for ${claimants.join(' or ')}.`
    throw refusal('config', secretId, reason, 'Unset the variable, or rename all but one of them.')
  }
}

function versionIn(secret: LocalSecret, secretId: string, { versionId, versionStage }: Wanted): LabelledVersion {
  const label = versionStage ?? (versionId === undefined ? 'AWSCURRENT' : undefined)
  const isWanted = (version: LabelledVersion): boolean =>
    versionId === undefined ? version.label === label : version.versionId === versionId
  const found = secret.versions().find(isWanted)
  if (found === undefined) {
    const what = versionId === undefined ? `the label ${label}` : 'that id'
    const hint = 'A file has AWSCURRENT, and AWSPREVIOUS after an edit that this process has seen.'
    throw refusal('noVersion', secretId, `No version has ${what}.`, hint)
  }
  if (label !== undefined && label !== found.label)
    throw refusal(
      'wrong',
      secretId,
      `That version has the label ${found.label}, not ${label}.`,
      'Pass either the id or the label.',
    )
  return found
}
