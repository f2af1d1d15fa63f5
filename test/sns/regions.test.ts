import { expect, test, vi } from 'vitest'
import { verifySnsMessage } from '../../src/sns/verify-sns-message.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { certificateUrl, notification, publishedAt, signed, signer } from '../support/signed-messages.js'
import { makeCertificate } from '../support/x509.js'

const verifyIn = async (partition: string, region: string, host: string, name: string) => {
  const arn = `arn:${partition}:sns:${region}:111122223333:t`
  const SigningCertURL = certificateUrl.replace('sns.eu-central-1.amazonaws.com', host)
  const message = signed(notification('rotated', { TopicArn: arn }), { rest: { SigningCertURL } })
  const fetchCertificate = vi.fn(async () => makeCertificate({ publicKey: signer.publicKey, name }))
  const verified = await verifySnsMessage(message, { topicArns: [arn], clock: new ManualClock(publishedAt), fetchCertificate })
  return { verified, fetchCertificate, SigningCertURL }
}

test.each([
  ['aws', 'us-east-1', 'sns.us-east-1.amazonaws.com', 'sns.amazonaws.com'],
  ['aws', 'us-west-1', 'sns.us-west-1.amazonaws.com', 'sns.amazonaws.com'],
  ['aws', 'eu-west-1', 'sns.eu-west-1.amazonaws.com', 'sns.amazonaws.com'],
  ['aws', 'me-south-1', 'sns.me-south-1.amazonaws.com', 'sns-signing.me-south-1.amazonaws.com'],
  ['aws', 'ap-east-1', 'sns.ap-east-1.amazonaws.com', 'sns-signing.ap-east-1.amazonaws.com'],
  ['aws', 'ap-east-2', 'sns.ap-east-2.amazonaws.com', 'sns-signing.ap-east-2.amazonaws.com'],
  ['aws', 'ap-southeast-5', 'sns.ap-southeast-5.amazonaws.com', 'sns-signing.ap-southeast-5.amazonaws.com'],
  ['aws', 'ap-southeast-6', 'sns.ap-southeast-6.amazonaws.com', 'sns-signing.ap-southeast-6.amazonaws.com'],
  ['aws', 'ap-southeast-7', 'sns.ap-southeast-7.amazonaws.com', 'sns-signing.ap-southeast-7.amazonaws.com'],
  ['aws', 'eu-south-2', 'sns.eu-south-2.amazonaws.com', 'sns-signing.eu-south-2.amazonaws.com'],
  ['aws', 'mx-central-1', 'sns.mx-central-1.amazonaws.com', 'sns-signing.mx-central-1.amazonaws.com'],
  ['aws-us-gov', 'us-gov-west-1', 'sns.us-gov-west-1.amazonaws.com', 'sns-us-gov-west-1.amazonaws.com'],
  ['aws-us-gov', 'us-gov-east-1', 'sns.us-gov-east-1.amazonaws.com', 'sns-us-gov-west-1.amazonaws.com'],
  ['aws-cn', 'cn-north-1', 'sns.cn-north-1.amazonaws.com.cn', 'sns-cn-north-1.amazonaws.com.cn'],
  ['aws-cn', 'cn-northwest-1', 'sns.cn-northwest-1.amazonaws.com.cn', 'sns-cn-northwest-1.amazonaws.com.cn'],
  ['aws-iso', 'us-iso-east-1', 'sns.us-iso-east-1.c2s.ic.gov', 'sns-us-iso-east-1.c2s.ic.gov'],
  ['aws-iso-b', 'us-isob-east-1', 'sns.us-isob-east-1.sc2s.sgov.gov', 'sns-us-isob-east-1.sc2s.sgov.gov'],
  ['aws-iso-f', 'us-isof-east-1', 'sns.us-isof-east-1.csp.hci.ic.gov', 'sns-signing.us-isof-east-1.csp.hci.ic.gov'],
  ['aws-iso-f', 'us-isof-south-1', 'sns.us-isof-south-1.csp.hci.ic.gov', 'sns-signing.us-isof-south-1.csp.hci.ic.gov'],
  ['aws-iso-e', 'eu-isoe-west-1', 'sns.eu-isoe-west-1.cloud.adc-e.uk', 'sns-signing.eu-isoe-west-1.cloud.adc-e.uk'],
  ['aws-eusc', 'eusc-de-east-1', 'sns.eusc-de-east-1.amazonaws.eu', 'sns-signing.eusc-de-east-1.amazonaws.eu'],
])('messages of %s, %s, are signed at %s by %s, and by no other name', async (partition, region, host, name) => {
  const { verified, fetchCertificate, SigningCertURL } = await verifyIn(partition, region, host, name)
  expect(verified).toMatchObject({ Message: 'rotated' })
  expect(fetchCertificate).toHaveBeenCalledWith(SigningCertURL, expect.anything())
  const other = name === 'sns.amazonaws.com' ? `sns-signing.${region}.amazonaws.com` : 'sns.amazonaws.com'
  await expect(verifyIn(partition, region, host, other)).rejects.toMatchObject({ code: 'ERR_SNS_CERTIFICATE', retryable: false })
})

test.each([
  ['aws', 'us-east-9', 'sns.us-east-9.amazonaws.com', 'sns-signing.us-east-9.amazonaws.com'],
  ['aws-cn', 'cn-northwest-9', 'sns.cn-northwest-9.amazonaws.com.cn', 'sns-cn-northwest-9.amazonaws.com.cn'],
])('a Region of %s that is new (%s) is taken for one that has to be opted into', async (partition, region, host, name) => {
  await expect(verifyIn(partition, region, host, name)).resolves.toMatchObject({ verified: { Message: 'rotated' } })
})
