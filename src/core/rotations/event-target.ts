import type { SecretRecord } from '../entries/entry.js'
import { accountOf } from '../entries/own-account.js'
import type { SecretIndex } from '../entries/secret-index.js'
import type { RotationChange } from '../events/parsed-event.js'
import type { CheckedOptions } from '../options/options.js'
import { isArn, isParameterArn, nameInFullArn, parseSecretArn, partialArnsOf } from '../secrets/secret-id.js'

/** The record of the secret that an event is about, or the reason why there is none. */
export function targetOf(event: RotationChange, index: SecretIndex, options: CheckedOptions): SecretRecord | string {
  const { secretId, arn, name, account, region } = event
  const { allowedAccounts, matchReplicas } = options
  if (account !== undefined && allowedAccounts?.has(account) === false) return 'another account'
  const id = arn ?? secretId
  const record = find(id, index) ?? (name === undefined ? undefined : index.findRecord(name))
  if (record === undefined || record.isEmpty || !isOfKind(record, id)) return 'unknown secret'
  if (account !== undefined && !index.mayBelongTo(record, account)) return 'another account'
  const own = parseSecretArn(record.arn ?? '')
  if (own !== undefined && !matchReplicas && region !== undefined && region !== own.region) return 'another Region'
  return record
}

/**
 * Finds a record by an id, also by the name in an ARN that no response has shown yet. A wrong guess costs one call and changes nothing.
 *
 * A record that the name led to before comes first, even if its ARN is another: the secret was created again, and a load by the name shows
 * that.
 */
function find(secretId: string, index: SecretIndex): SecretRecord | undefined {
  const found = index.findRecord(secretId)
  const arn = parseSecretArn(secretId)
  if (arn === undefined) return found
  const otherIds = [...partialArnsOf(secretId), nameInFullArn(secretId)]
  const named = otherIds
    .map(id => index.findRecord(id))
    .filter(record => record !== undefined && isOfKind(record, secretId)) as SecretRecord[]
  const isOfAccount = (record: SecretRecord): boolean => record.arn !== undefined && accountOf(record.arn) === arn.account
  const [first] = named
  return (
    named.find(record => record !== found && isOfAccount(record)) ??
    found ??
    named.find(record => index.mayBelongTo(record, arn.account)) ??
    first
  )
}

/** Whether a record may be what an ARN names, judged by the service: secrets and parameters may have the same names. */
function isOfKind({ arn, id }: SecretRecord, eventArn: string): boolean {
  const known = arn ?? id
  return !isArn(known) || !isArn(eventArn) || isParameterArn(known) === isParameterArn(eventArn)
}
