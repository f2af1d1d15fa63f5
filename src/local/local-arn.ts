import { createHash } from 'node:crypto'
import { isArn, looksLikeFullArn, nameInFullArn, parseSecretArn } from '../core/secrets/secret-id.js'

/** The account of a file's plain names. There is none like it. */
export const localAccount = '000000000000'

/** One reading of an id: the name of a secret, and the full ARN that the response must have. */
export interface Meaning {
  readonly name: string
  readonly arn: string
}

/** The full ARN of a plain name. */
export function localArn(name: string): string {
  return withSuffix(`arn:aws:secretsmanager:local:${localAccount}:secret:${name}`, name)
}

/**
 * The secrets that an id may stand for, the likeliest first. The configuration of an application may contain the ARNs of its real secrets:
 * the name in an ARN counts, in any account and Region, and the ARN is repeated, because the cache accepts no other.
 */
export function meaningsOf(secretId: string): Meaning[] {
  const resource = isArn(secretId) ? parseSecretArn(secretId)?.resource : undefined
  if (resource === undefined) return [{ name: secretId, arn: localArn(secretId) }]
  const asPartial = { name: resource, arn: withSuffix(secretId, resource) }
  return looksLikeFullArn(secretId) ? [asPartial, { name: nameInFullArn(secretId), arn: secretId }] : [asPartial]
}

/** Six characters that look random and depend on the name alone. */
function withSuffix(partialArn: string, name: string): string {
  const letters = createHash('sha256').update(name).digest('base64').replace(/[+/=]/g, '')
  return `${partialArn}-${letters.slice(0, 6)}`
}
