import type { RotatedSecret } from './rotation-event.js'
import { field, objectField, textField, type Untrusted } from './untrusted.js'

/** Names and ARNs are made of these; anything else is not repeated. */
const idForm = /^[\w/+=.@:-]{1,2048}$/
const arnForm = /^arn:[\w-]+:secretsmanager:([\w-]+):(\w+):secret:./
const accountForm = /^\w{1,32}$/
const regionForm = /^[\w-]{1,32}$/

/** Each place where an ARN may stand that the service wrote itself. Until February 2024 it wrote `aRN`. */
const arnPlaces: readonly [string, readonly string[]][] = [
  ['additionalEventData', ['SecretId', 'secretId', 'ARN', 'arn']],
  ['serviceEventDetails', ['secretId', 'SecretId']],
  ['responseElements', ['arn', 'aRN', 'ARN']],
]

/** Finds out which secret an event is about. */
export function identify(event: Untrusted, detail: Untrusted): RotatedSecret | undefined {
  const arn = arnInResources(event) ?? arnInDetail(detail)
  const request = objectField(detail, 'requestParameters')
  const requested = textField(request, 'secretId', idForm)
  const name =
    textField(detail, 'name', idForm) ??
    textField(objectField(detail, 'responseElements'), 'name', idForm) ??
    textField(request, 'name', idForm) ??
    (requested?.startsWith('arn:') ? undefined : requested)
  const secretId = arn ?? requested ?? name
  if (secretId === undefined) return undefined

  const [, arnRegion, arnAccount] = arnForm.exec(secretId) ?? []
  const account = arnAccount ?? textField(event, 'account', accountForm) ?? textField(detail, 'recipientAccountId', accountForm)
  const region = arnRegion ?? textField(event, 'region', regionForm) ?? textField(detail, 'awsRegion', regionForm)
  return {
    secretId,
    ...(arn !== undefined && { arn }),
    ...(name !== undefined && { name }),
    ...(account !== undefined && { account }),
    ...(region !== undefined && { region }),
  }
}

/** Events of CloudTrail leave `resources` empty. */
function arnInResources(event: Untrusted): string | undefined {
  const resources = field(event, 'resources')
  // A secret is the event's only resource; the bound is for resources that nobody sent.
  return Array.isArray(resources) ? resources.slice(0, 10).find(isSecretArn) : undefined
}

function arnInDetail(detail: Untrusted): string | undefined {
  for (const [place, keys] of arnPlaces) {
    const object = objectField(detail, place)
    for (const key of keys) {
      const value = field(object, key)
      if (isSecretArn(value)) return value
    }
  }
  return undefined
}

function isSecretArn(value: unknown): value is string {
  return typeof value === 'string' && idForm.test(value) && arnForm.test(value)
}
