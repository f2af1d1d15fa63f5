import { randomUUID } from 'node:crypto'
import { parseSecretArn } from '../core/secrets/secret-id.js'

/**
 * The event by which Secrets Manager announces that AWSCURRENT has moved, as EventBridge delivers it. Without a version, it only says that
 * the secret should be read again.
 */
export function labelEvent(arn: string, { name, versionId }: { name: string; versionId: string | undefined }): object {
  const { account, region } = parseSecretArn(arn) ?? {}
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Secret Label Updated',
    source: 'aws.secretsmanager',
    account,
    time: new Date().toISOString(),
    region,
    resources: [arn],
    detail: { name, labelUpdated: 'AWSCURRENT', versionId },
  }
}
