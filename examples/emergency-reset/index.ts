// Rotates a secret at once when an event says that it has leaked. Bundle it to index.mjs and deploy template.yaml.
import { SecretCache } from 'awscurrent'
import { rotateNow } from 'awscurrent/admin'

/** What whoever finds the leak sends to EventBridge: a scanner, an alarm, a person with `aws events put-events`. */
export interface LeakEvent {
  detail: { secretId: string }
}

const secrets = new SecretCache()

export async function handler({ detail }: LeakEvent): Promise<{ secretId: string; versionId: string }> {
  // Less than the function's timeout, so that the error says what is not over.
  const { arn, versionId } = await rotateNow(secrets, detail.secretId, { waitMs: 150_000 })
  console.log(JSON.stringify({ rotated: arn, versionId }))
  return { secretId: arn, versionId }
}
