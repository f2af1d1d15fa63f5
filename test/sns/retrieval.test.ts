import { afterEach, expect, test, vi } from 'vitest'
import { verifySnsMessage } from '../../src/sns/verify-sns-message.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { certificate, certificateUrl, notification, publishedAt, signed, signer, topicArn } from '../support/signed-messages.js'
import { makeCertificate } from '../support/x509.js'

const { publicKey } = signer
const day = 24 * 3_600_000
const otherUrl = certificateUrl.replace('0123456789abcdef', 'fedcba9876543210')

/** SNS, reached by the download that is used unless another is given. */
const setUp = (answer: () => Response) => {
  const clock = new ManualClock(publishedAt)
  const visited = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => answer())
  const verify = (url = certificateUrl) =>
    verifySnsMessage(signed(notification('rotated'), { rest: { SigningCertURL: url } }), { topicArns: [topicArn], clock })
  return { visited, verify }
}

afterEach(() => {
  vi.restoreAllMocks()
})

test.each<[string, () => Response]>([
  ['HTTP 400', () => new Response(certificate, { status: 400 })],
  ['HTTP 500', () => new Response(certificate, { status: 500 })],
  ['no body', () => new Response(null, { status: 200 })],
  [
    'a failed connection',
    () => {
      throw new TypeError('fetch failed')
    },
  ],
])('%s where the certificate should be may be another answer next time', async (_, answer) => {
  const { verify } = setUp(answer)
  await expect(verify()).rejects.toMatchObject({
    code: 'ERR_SNS_CERTIFICATE',
    message: 'The certificate of the message could not be downloaded.',
    retryable: true,
  })
})

test.each<[string, string, string, boolean]>([
  ['an empty body', '', 'is not a single certificate', true],
  ['another text', 'this is not a cert', 'is not a single certificate', true],
  [
    'the first line of a certificate',
    '-----BEGIN CERTIFICATE-----\nMIIE+DCCAuCgAwIBAgIJAOCC5W/Vl4AEMA0GCSqGSIb3DQEBDAUAMCgxJjAkBgNV\n-----END CERTIFICATE-----\n',
    'cannot be parsed',
    true,
  ],
  ['one that has expired', makeCertificate({ publicKey, validTo: new Date(publishedAt - day) }), 'has expired', false],
  ['one of the future', makeCertificate({ publicKey, validFrom: new Date(publishedAt + day) }), 'is not valid yet', true],
  [
    'one of the future, made out to another name',
    makeCertificate({ publicKey, name: 'my-other-service.amazonaws.com', validFrom: new Date(publishedAt + day) }),
    'was not issued to sns.amazonaws.com',
    false,
  ],
])('%s is refused with the reason', async (_, pem, reason, retryable) => {
  const { verify } = setUp(() => new Response(pem))
  const message = `The certificate of the message ${reason}.`
  await expect(verify()).rejects.toMatchObject({ code: 'ERR_SNS_CERTIFICATE', message, retryable })
})

test('two certificates are each downloaded once, and kept apart, whoever asks at the same time', async () => {
  const { verify, visited } = setUp(() => new Response(certificate))
  await Promise.all([verify(), verify(otherUrl), verify(), verify(otherUrl)])
  await verify(otherUrl)
  await verify()
  expect(visited.mock.calls.map(([url]) => url)).toEqual([certificateUrl, otherUrl])
})
