import { generateKeyPairSync } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { verifySnsMessage } from '../../src/sns/verify-sns-message.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { certificate, certificateUrl, notification, publishedAt, signed, signer, topicArn } from '../support/signed-messages.js'
import { makeCertificate } from '../support/x509.js'

const setUp = (fetch: (url: string) => Promise<string>) => {
  const clock = new ManualClock(publishedAt)
  const fetchCertificate = vi.fn(fetch)
  const verify = (message: unknown, topicArns = [topicArn]) => verifySnsMessage(message, { topicArns, clock, fetchCertificate })
  return { clock, fetchCertificate, verify }
}
const genuine = notification('rotated')
const urlOf = (file: number) => certificateUrl.replace(/-[0-9a-f]+\.pem$/, `-${file.toString(16).padStart(32, '0')}.pem`)
const { publicKey } = signer

test('a certificate is downloaded once, from the host of the topic, however many messages come at the same time', async () => {
  const { verify, fetchCertificate } = setUp(async () => certificate)
  const message = signed(genuine)
  await Promise.all(Array.from({ length: 50 }, () => verify(message)))
  await verify(message)
  expect(fetchCertificate.mock.calls.map(([url]) => url)).toEqual([certificateUrl])
})

test.each([
  ['another host', 'https://sns.eu-central-1.amazonaws.com.evil.example/'],
  ['another Region', 'https://sns.us-east-1.amazonaws.com/'],
  ['another partition', 'https://sns.eu-central-1.amazonaws.com.cn/'],
  ['no encryption', 'http://sns.eu-central-1.amazonaws.com/'],
  ['a port', 'https://sns.eu-central-1.amazonaws.com:8443/'],
  ['the port it has anyway', 'https://sns.eu-central-1.amazonaws.com:443/'],
  ['a user', 'https://user:password@sns.eu-central-1.amazonaws.com/'],
  ['a host in capitals', 'https://SNS.eu-central-1.amazonaws.com/'],
  ['a scheme in capitals', 'HTTPS://sns.eu-central-1.amazonaws.com/'],
  ['a folder', 'https://sns.eu-central-1.amazonaws.com/certificates/'],
  ['a folder and back', 'https://sns.eu-central-1.amazonaws.com/x/../'],
  ['two slashes', 'https://sns.eu-central-1.amazonaws.com//'],
  ['a bucket named sns', 'https://sns.s3.eu-central-1.amazonaws.com/'],
  ['an old-style bucket named sns', 'https://sns.s3-eu-central-1.amazonaws.com/'],
  ['a space before it', ' https://sns.eu-central-1.amazonaws.com/'],
])('a certificate URL with %s is refused and not visited', async (_, folder) => {
  const { verify, fetchCertificate } = setUp(async () => certificate)
  const message = signed(genuine, {
    rest: { SigningCertURL: `${folder}SimpleNotificationService-0123456789abcdef0123456789abcdef.pem` },
  })
  await expect(verify(message)).rejects.toMatchObject({ code: 'ERR_SNS_CERTIFICATE', retryable: false })
  expect(fetchCertificate).not.toHaveBeenCalled()
})

test.each([
  'SimpleNotificationService-0123456789abcdef0123456789abcdef.pem?x=1',
  'SimpleNotificationService-0123456789abcdef0123456789abcdef.pem#x',
  'SimpleNotificationService-0123456789abcdef0123456789abcdef.pem/',
  'SimpleNotificationService-0123456789abcdef0123456789abcdef.pem\n',
  'SimpleNotificationService-0123456789ABCDEF0123456789ABCDEF.pem',
  'SimpleNotificationService-0123.pem',
  'simplenotificationservice-0123456789abcdef0123456789abcdef.pem',
  '?Action=Publish&Message=x.pem',
  '',
])('a certificate file named "%s" is refused and not visited', async file => {
  const { verify, fetchCertificate } = setUp(async () => certificate)
  const message = signed(genuine, { rest: { SigningCertURL: `https://sns.eu-central-1.amazonaws.com/${file}` } })
  await expect(verify(message)).rejects.toMatchObject({ code: 'ERR_SNS_CERTIFICATE', retryable: false })
  expect(fetchCertificate).not.toHaveBeenCalled()
})

const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
const undecodable = Object.create(publicKey, {
  export: {
    value: () => {
      const spki = publicKey.export({ type: 'spki', format: 'der' })
      const key = publicKey.export({ type: 'pkcs1', format: 'der' })
      return spki.fill(0xff, spki.indexOf(key))
    },
  },
})
/** OpenSSL takes it, and fails when it is asked for whom it is: no name is a DNS name, and the common name is no text. */
function withUnreadableName(): string {
  const der = Buffer.from(certificate.replace(/-.*-/g, ''), 'base64')
  const name = 'sns.amazonaws.com'
  // The tag stands before the length, and that before the text.
  der[der.indexOf(name) - 2] = 0x08
  der[der.lastIndexOf(name) - 2] = 0x81
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
}

const pssKey = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey
const shortKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey

const notAlone = 'is not a single certificate'
const notOurs = 'was not issued to sns.amazonaws.com'
const weak = 'has no RSA key of at least 2048 bits'

const refusedFor = async (pem: string, refusal: { message: string; retryable: boolean }) => {
  const { verify, fetchCertificate } = setUp(async () => pem)
  const message = signed(genuine)
  await expect(verify(message)).rejects.toMatchObject({ code: 'ERR_SNS_CERTIFICATE', ...refusal })
  await expect(verify(message)).rejects.toMatchObject({ code: 'ERR_SNS_CERTIFICATE' })
  expect(fetchCertificate).toHaveBeenCalledTimes(2)
}

test.each([
  ['made out to another name', makeCertificate({ publicKey, name: 'sns.amazonaws.com.evil.example' }), notOurs],
  ['made out to all names', makeCertificate({ publicKey, name: '*.amazonaws.com' }), notOurs],
  ['that has expired', makeCertificate({ publicKey, validTo: new Date(publishedAt - 6 * 60_000) }), 'has expired'],
  ['with a short key', makeCertificate({ publicKey: shortKey }), weak],
  ['with a key that is not RSA', makeCertificate({ publicKey: ecKey }), weak],
  ['with a key of RSA for another padding', makeCertificate({ publicKey: pssKey }), weak],
])('a certificate %s is refused for good and not kept', async (_, pem, reason) => {
  await refusedFor(pem, { message: `The certificate of the message ${reason}.`, retryable: false })
})

test.each([
  ['with a key that cannot be decoded', makeCertificate({ publicKey: undecodable }), 'cannot be parsed'],
  ['with a name that cannot be decoded', withUnreadableName(), 'cannot be parsed'],
  ['in XML', `<xml><value>${certificate}</value></xml>`, notAlone],
  ['after another text', `anything\n${certificate}`, notAlone],
  ['followed by another', certificate + certificate, notAlone],
  ['that is a public key', publicKey.export({ type: 'spki', format: 'pem' }) as string, notAlone],
  ['that is cut off', certificate.slice(0, 500), notAlone],
  ['that is not what it says', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'cannot be parsed'],
  ['that is a page', '<html>Sign in to this network</html>', notAlone],
  ['that is endless', certificate + '\n'.repeat(20_000), notAlone],
  ['that is nothing', undefined as unknown as string, notAlone],
])('a download %s is no certificate, is not kept, and may be one next time', async (_, pem, reason) => {
  await refusedFor(pem, { message: `The certificate of the message ${reason}.`, retryable: true })
})

test('a certificate that is not valid yet may be so when SNS sends again: our clock may be slow', async () => {
  const pem = makeCertificate({ publicKey, validFrom: new Date(publishedAt + 6 * 60_000) })
  const { verify, clock } = setUp(async () => pem)
  await expect(verify(signed(genuine))).rejects.toMatchObject({
    message: expect.stringContaining('not valid yet'),
    retryable: true,
  })
  await clock.advance(60_000)
  await expect(verify(signed(genuine))).resolves.toEqual(genuine)
})

test('a kept certificate that expires meanwhile verifies nothing any more', async () => {
  const validTo = new Date(publishedAt + 60_000)
  const { verify, clock } = setUp(async () => makeCertificate({ publicKey, validTo }))
  await verify(signed(genuine))
  await clock.advance(60_000 + 5 * 60_000)
  await verify(signed(genuine))
  await clock.advance(1)
  await expect(verify(signed(genuine))).rejects.toMatchObject({ code: 'ERR_SNS_CERTIFICATE', retryable: false })
})

test.each([
  ['rejects', async () => Promise.reject(new Error('https://user:hunter2@proxy'))],
  [
    'throws',
    () => {
      throw new Error('hunter2')
    },
  ],
])('a download that %s may go well next time, and is not remembered', async (_, fail) => {
  const { verify, fetchCertificate } = setUp(async () => certificate)
  fetchCertificate.mockImplementationOnce(fail)
  const refusal = await verify(signed(genuine)).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'ERR_SNS_CERTIFICATE', retryable: true })
  expect(String((refusal as Error).cause)).not.toContain('hunter2')
  await expect(verify(signed(genuine))).resolves.toEqual(genuine)
})

test('a download that never ends is given up after 5 s, and told to stop', async () => {
  let signal: AbortSignal | undefined
  const clock = new ManualClock(publishedAt)
  const fetchCertificate = (_: string, options: { signal: AbortSignal }) => {
    signal = options.signal
    return new Promise<string>(() => {})
  }
  const refused = expect(
    verifySnsMessage(signed(genuine), { topicArns: [topicArn], clock, fetchCertificate }),
  ).rejects.toMatchObject({
    code: 'ERR_SNS_CERTIFICATE',
    retryable: true,
  })
  await clock.advance(5_000)
  await refused
  expect(signal?.aborted).toBe(true)
  expect(clock.pending).toBe(0)
})

test('a certificate that has verified nothing is held for a minute, and not kept', async () => {
  const { verify, fetchCertificate, clock } = setUp(async () => certificate)
  const forgery = { ...signed(genuine), Signature: 'AAAA' }
  for (let sent = 0; sent < 100; sent += 1) await expect(verify(forgery)).rejects.toMatchObject({ code: 'ERR_SNS_SIGNATURE' })
  expect(fetchCertificate).toHaveBeenCalledTimes(1)
  await clock.advance(60_000)
  await verify(signed(genuine))
  expect(fetchCertificate).toHaveBeenCalledTimes(2)
})

test('ten certificates are kept, the least recently used goes first', async () => {
  const { verify, fetchCertificate, clock } = setUp(async () => certificate)
  const use = (file: number) => verify(signed(genuine, { rest: { SigningCertURL: urlOf(file) } }))
  for (let file = 0; file < 10; file += 1) await use(file)
  await use(0)
  await clock.advance(60_000)
  await use(10)
  expect(fetchCertificate).toHaveBeenCalledTimes(11)
  await use(0)
  expect(fetchCertificate).toHaveBeenCalledTimes(11)
  await use(1)
  expect(fetchCertificate).toHaveBeenCalledTimes(12)
})
