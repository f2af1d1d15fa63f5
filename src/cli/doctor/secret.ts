import { randomUUID } from 'node:crypto'
import { isArn, looksLikeFullArn, nameInFullArn, parseSecretArn, partialArnOf } from '../../core/secrets/secret-id.js'
import { labelEvent } from '../../local/label-event.js'

/** The secret that is examined, as far as it is known. */
export interface ExaminedSecret {
  /** As the user wrote it. */
  readonly id: string
  /** The full ARN; undefined until a call has returned it. */
  readonly arn: string | undefined
  readonly name: string
  readonly partition: string
  readonly region: string
  readonly account: string
}

/** What the id of a secret says about it; the rest is taken from the caller's Region and account. */
export function secretOf(id: string, region: string, account: string, partition: string): ExaminedSecret {
  const parsed = isArn(id) ? parseSecretArn(id) : undefined
  if (parsed === undefined) return { id, arn: undefined, name: id, partition, region, account }
  const isFull = looksLikeFullArn(id)
  return {
    id,
    arn: isFull ? id : undefined,
    name: isFull ? nameInFullArn(id) : parsed.resource,
    partition: id.split(':')[1] as string,
    region: parsed.region,
    account: parsed.account,
  }
}

/** The ARN of a secret for a policy: the suffix changes when the secret is created again. */
export function arnForPolicy({ arn, name, partition, region, account }: ExaminedSecret): string {
  const known = arn === undefined ? undefined : partialArnOf(arn)
  return `${known ?? `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`}-??????`
}

/** The event that Secrets Manager sends when this secret is rotated. */
export function rotationEvent(secret: ExaminedSecret): object {
  const { name, partition, region, account } = secret
  const arn = secret.arn ?? `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}-a1b2c3`
  return labelEvent(arn, { name, versionId: randomUUID() })
}

/** An event about the same change that comes from CloudTrail, if the account has a trail. */
export function cloudTrailEvent(secret: ExaminedSecret): object {
  const SecretId = (rotationEvent(secret) as { resources: string[] }).resources[0]
  return {
    ...rotationEvent(secret),
    'detail-type': 'AWS Service Event via CloudTrail',
    resources: [],
    detail: {
      eventSource: 'secretsmanager.amazonaws.com',
      eventName: 'RotationSucceeded',
      eventType: 'AwsServiceEvent',
      additionalEventData: { SecretId },
    },
  }
}
