import type { AffectedSecret } from '../events/parsed-event.js'
import { longestText, objectField, textField, type Untrusted } from './untrusted.js'

/** The characters of names and ARNs; other text is never repeated. The names of secrets that AWS manages contain a `!`. */
const idForm = /^[\w/+=.@!:-]+$/
const arnForm = /^arn:[\w-]+:secretsmanager:([\w-]+):(\w+):secret:[\w/+=.@!-]+$/
const accountForm = /^\w+$/
const regionForm = /^[\w-]+$/

/** The places of an ARN that the service wrote itself. Until February 2024 it wrote `aRN`. */
const arnPlaces: readonly [string, readonly string[]][] = [
  ['additionalEventData', ['SecretId', 'secretId', 'ARN', 'arn']],
  ['serviceEventDetails', ['secretId', 'SecretId']],
  ['responseElements', ['arn', 'aRN', 'ARN']],
]

/** Determines which secret an event is about. */
export function identify(event: Untrusted, detail: Untrusted): AffectedSecret | undefined {
  const arn = arnInResources(event) ?? arnInDetail(detail)
  const requested = textField(objectField(detail, 'requestParameters'), 'secretId', idForm)
  const name = nameIn(detail) ?? (requested?.startsWith('arn:') ? undefined : requested)
  const secretId = arn?.[0] ?? requested ?? name
  if (secretId === undefined) return undefined

  const [, arnRegion, arnAccount] = arn ?? arnForm.exec(secretId) ?? []
  const account = arnAccount ?? textField(event, 'account', accountForm) ?? textField(detail, 'recipientAccountId', accountForm)
  const region = arnRegion ?? textField(event, 'region', regionForm) ?? textField(detail, 'awsRegion', regionForm)
  return { secretId, arn: arn?.[0], name, account, region }
}

/** Events of CloudTrail leave `resources` empty. */
function arnInResources(event: Untrusted): RegExpExecArray | undefined {
  const resources = event.resources
  // The secret is the only resource of the event.
  return Array.isArray(resources) ? matchArn(resources[0]) : undefined
}

function arnInDetail(detail: Untrusted): RegExpExecArray | undefined {
  for (const [place, keys] of arnPlaces) {
    const object = objectField(detail, place)
    for (const key of keys) {
      const arn = matchArn(object[key])
      if (arn !== undefined) return arn
    }
  }
  return undefined
}

function matchArn(value: unknown): RegExpExecArray | undefined {
  return typeof value === 'string' && value.length <= longestText ? (arnForm.exec(value) ?? undefined) : undefined
}

function nameIn(detail: Untrusted): string | undefined {
  return (
    textField(detail, 'name', idForm) ??
    textField(objectField(detail, 'responseElements'), 'name', idForm) ??
    textField(objectField(detail, 'requestParameters'), 'name', idForm)
  )
}
