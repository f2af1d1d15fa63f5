import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { inject } from 'vitest'

const settings = {
  endpoint: inject('motoEndpoint'),
  region: 'eu-west-1',
  credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
}

export const sqsClient: SQSClient = new SQSClient(settings)
export const snsClient: SNSClient = new SNSClient(settings)
export const eventBridgeClient: EventBridgeClient = new EventBridgeClient(settings)

/** Fetches a certificate by its URL at AWS from moto, which signs with certificates of its own. */
export async function fetchMotoCertificate(url: string): Promise<string> {
  // moto tells by the scope of a signature which service is meant; it does not check the signature.
  const authorization = `AWS4-HMAC-SHA256 Credential=nobody/20300101/${settings.region}/sns/aws4_request, Signature=none`
  const answer = await fetch(new URL(new URL(url).pathname, settings.endpoint), { headers: { authorization } })
  return answer.text()
}
