import type { IgnoredReason, ParsedEvent } from '../core/events/parsed-event.js'
import { objectField, textField, textOf, type Untrusted } from '../core/rotations/untrusted.js'
import { parseSecretArn } from '../core/secrets/secret-id.js'

const nameForm = /^[\w.\-/]+$/
const arnForm = /^arn:[\w-]+:ssm:[\w-]+:\d{12}:parameter\/[\w.\-/]+$/
const accountForm = /^\d{12}$/
const regionForm = /^[\w-]+$/
const timeForm = /^[\d:.TZ+-]{10,35}$/
const eventIdForm = /^[\w-]{1,128}$/

/** The operations that may have changed the value. An event names no version: the cache reads until it has risen. */
const changes: readonly unknown[] = ['Create', 'Update', 'Delete']

/** The meaning of an event of Parameter Store; undefined if it is of another service. */
export function parseParameterEvent(event: Untrusted, versionStage: string): ParsedEvent | undefined {
  if (event.source !== 'aws.ssm') return undefined
  if (event['detail-type'] !== 'Parameter Store Change') return ignored('no value changed')
  const detail = objectField(event, 'detail')
  const [resource] = Array.isArray(event.resources) ? event.resources : []
  const arn = textOf(resource, arnForm)
  const name = textField(detail, 'name', nameForm)
  const secretId = arn ?? name
  if (secretId === undefined) return { kind: 'rejected', reason: 'names no secret' }
  const isLabel = detail.operation === 'LabelParameterVersion'
  if (isLabel && versionStage === 'AWSCURRENT') return ignored('another staging label', secretId)
  if (!isLabel && !changes.includes(detail.operation)) return ignored('no value changed', secretId)
  const { account, region } = parseSecretArn(secretId) ?? {}
  const at = Date.parse(textField(event, 'time', timeForm) ?? '')
  return {
    kind: 'changed',
    cause: 'Parameter Store Change',
    secretId,
    arn,
    name,
    account: account ?? textField(event, 'account', accountForm),
    region: region ?? textField(event, 'region', regionForm),
    versionId: undefined,
    eventId: textField(event, 'id', eventIdForm),
    at: Number.isNaN(at) ? undefined : at,
  }
}

function ignored(reason: IgnoredReason, secretId?: string): ParsedEvent {
  return { kind: 'ignored', reason, secretId }
}
