import { expect, test, vi } from 'vitest'
import { createSnsHandler } from '../../src/sns/create-sns-handler.js'
import { SnsMessageError } from '../../src/sns/sns-message-error.js'
import { verifySnsMessage } from '../../src/sns/verify-sns-message.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { certificate, certificateUrl, notification, publishedAt, signed, topicArn } from '../support/signed-messages.js'

const urlOf = (file: number) => certificateUrl.replace(/-[0-9a-f]+\.pem$/, `-${file.toString(16).padStart(32, '0')}.pem`)
const genuine = signed(notification('rotated'))
const forged = (file: number) => ({ ...genuine, Signature: 'AAAA', SigningCertURL: urlOf(file) })
const notFound = () => Object.assign(new Error('HTTP 404'), { $metadata: { httpStatusCode: 404 } })

/** SNS, which has one certificate, and a process under attack. */
const setUp = (rest = {}) => {
  const clock = new ManualClock(publishedAt)
  const fetchCertificate = vi.fn(async (url: string) => (url === certificateUrl ? certificate : Promise.reject(notFound())))
  const options = { topicArns: [topicArn], clock, fetchCertificate, ...rest }
  /** Resolves with the status that the message is answered by. */
  const send = (message: object) =>
    verifySnsMessage(message, options).then(
      () => 200,
      (error: unknown) => {
        if (!(error instanceof SnsMessageError)) throw error
        return error.retryable ? 503 : 403
      },
    )
  let file = 0
  const answers: Promise<number>[] = []
  /** Each forgery names another certificate. */
  const flood = async (forgeries: number) => {
    for (const end = file + forgeries; file < end; file += 1) answers.push(send(forged(file)))
    await clock.advance(0)
  }
  return { clock, fetchCertificate, send, flood, answers }
}

test('twelve forgeries a minute never delay a genuine message', async () => {
  const { clock, send, flood, fetchCertificate } = setUp()
  for (let sent = 0; sent < 24; sent += 1) {
    await flood(1)
    await clock.advance(5_000)
  }
  expect(await send(genuine)).toBe(200)
  expect(fetchCertificate).toHaveBeenCalledTimes(25)
})

test('a flood of forgeries causes at most twenty downloads in ten seconds, and every forgery is answered by 503', async () => {
  const { clock, flood, answers, fetchCertificate } = setUp()
  for (let ms = 0; ms < 10_000; ms += 100) {
    await flood(10)
    await clock.advance(100)
  }
  expect(fetchCertificate.mock.calls.length).toBeGreaterThan(10)
  expect(fetchCertificate.mock.calls.length).toBeLessThanOrEqual(20)
  await clock.advance(10_000)
  expect(new Set(await Promise.all(answers))).toEqual(new Set([503]))
  expect(clock.pending).toBe(0)
})

test('a genuine message that a flood has shut out is taken within two seconds when it is sent again, during the flood', async () => {
  const { clock, send, flood } = setUp()
  await flood(40)
  const first = send(genuine)
  await flood(500)
  expect(await first).toBe(503)

  let second: number | undefined
  void send(genuine).then(status => {
    second = status
  })
  for (let ms = 0; ms < 2_000; ms += 100) {
    await flood(10)
    await clock.advance(100)
  }
  expect(second).toBe(200)
})

test.each([
  ['reset', () => Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
  ['answered by 503', () => Object.assign(new Error('HTTP 503'), { $metadata: { httpStatusCode: 503 } })],
])('a genuine message whose download was %s is taken when it is sent again, during the flood', async (_, failure) => {
  const { clock, send, flood, fetchCertificate } = setUp()
  for (const _ of [1, 2]) fetchCertificate.mockImplementationOnce(async () => Promise.reject(failure()))
  expect(await send(genuine)).toBe(503)
  expect(await send(genuine)).toBe(503)
  for (let ms = 0; ms < 15_000; ms += 100) {
    await flood(4)
    await clock.advance(100)
  }
  let again: number | undefined
  void send(genuine).then(status => {
    again = status
  })
  for (let ms = 0; ms < 2_000; ms += 100) {
    await flood(4)
    await clock.advance(100)
  }
  expect(again).toBe(200)
})

test.each([
  ['which SNS does not have', 40, notFound],
  ['which SNS does not have', 100, notFound],
  ['whose download fails', 40, () => new Error('reset')],
])(
  'a genuine message is taken at one of its four deliveries though a flood names %s, %i names again and again',
  async (_, names, error) => {
    const { clock, send, fetchCertificate } = setUp()
    fetchCertificate.mockImplementation(async url => (url === certificateUrl ? certificate : Promise.reject(error())))
    let sent = 0
    const flood = async (seconds: number) => {
      for (let ms = 0; ms < seconds * 1_000; ms += 50) {
        void send(forged(sent++ % names))
        await clock.advance(50)
      }
    }
    // Of a hundred names each has had its turn by then.
    await flood(names > 50 ? 90 : 30)
    const statuses: number[] = []
    for (let delivery = 1; delivery <= 4; delivery += 1) {
      void send(genuine).then(status => statuses.push(status))
      await flood(20)
    }
    expect(statuses).toContain(200)
  },
)

test('a certificate that is listed is downloaded at once, whatever flood there is', async () => {
  const { send, flood, fetchCertificate } = setUp({ certificates: [certificateUrl] })
  await flood(200)
  expect(await send(genuine)).toBe(200)
  expect(fetchCertificate).toHaveBeenCalledWith(certificateUrl, expect.anything())
})

test('a flood stops no message whose certificate has verified one before', async () => {
  const { send, flood } = setUp()
  expect(await send(genuine)).toBe(200)
  await flood(200)
  expect(await send(signed(notification('rotated again')))).toBe(200)
})

test.each([403, 404])('that SNS does not have a certificate (%i) is not remembered', async httpStatusCode => {
  const { send, fetchCertificate } = setUp()
  fetchCertificate.mockRejectedValueOnce(Object.assign(new Error('no'), { $metadata: { httpStatusCode } }))
  expect([await send(genuine), await send(genuine)]).toEqual([503, 200])
})

test('a message is held for its turn for five seconds at most', async () => {
  const { clock, send, flood, fetchCertificate } = setUp()
  fetchCertificate.mockReturnValue(new Promise(() => {}))
  await flood(10)
  const answered = vi.fn()
  void send(genuine).then(answered)
  await clock.advance(4_000)
  expect(answered).not.toHaveBeenCalled()
  await clock.advance(2_000)
  expect(answered).toHaveBeenCalledWith(503)
})

test('of the messages that wait for one certificate, a bounded number is held', async () => {
  const { clock, send, flood, fetchCertificate } = setUp()
  const answered: number[] = []
  const sendMany = async () => {
    for (let sent = 0; sent < 1_000; sent += 1) void send(genuine).then(status => answered.push(status))
    await clock.advance(0)
  }
  fetchCertificate.mockReturnValueOnce(new Promise(() => {}))
  await sendMany()
  expect(answered).toHaveLength(950)

  await flood(10)
  answered.length = 0
  await clock.advance(5_000)
  expect(answered).toHaveLength(50)
})

const inProcess = () => {
  const clock = new ManualClock(publishedAt)
  const download = vi.fn(async (url: string) => (url === certificateUrl ? certificate : Promise.reject(notFound())))
  /** As it is often written: with a function that is made anew for each message. */
  const verify = (message: object) =>
    verifySnsMessage(message, { topicArns: [topicArn], clock, fetchCertificate: url => download(url) })
  return { clock, download, verify }
}

test('a hundred forgeries cause five downloads at once, also with a function that is made anew for each', async () => {
  const { clock, download, verify } = inProcess()
  const refused = Array.from({ length: 100 }, (_, file) =>
    expect(verify(forged(file))).rejects.toMatchObject({ retryable: true }),
  )
  await clock.advance(0)
  expect(download).toHaveBeenCalledTimes(5)
  await clock.advance(10_000)
  expect(download.mock.calls.length).toBeLessThanOrEqual(20)
  await Promise.all(refused)
})

test('a hundred forgeries that name the right certificate are bounded as well', async () => {
  const { clock, download, verify } = inProcess()
  const forgery = { ...genuine, Signature: 'AAAA' }
  const refused = Array.from({ length: 100 }, () => expect(verify(forgery)).rejects.toThrow())
  await clock.advance(0)
  expect(download).toHaveBeenCalledTimes(5)
  await clock.advance(10_000)
  expect(download.mock.calls.length).toBeLessThanOrEqual(20)
  await Promise.all(refused)
})

test('genuine messages are not slowed down by their number, also with a function that is made anew for each', async () => {
  const { verify } = inProcess()
  for (let sent = 0; sent < 100; sent += 1) {
    await expect(verify(signed(notification(String(sent))))).resolves.toMatchObject({ Message: String(sent) })
  }
})

test.each([
  ['no list', certificateUrl],
  ['a URL of another host', ['https://evil.example/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem']],
  ['a URL of a Region without a topic', [certificateUrl.replace('eu-central-1', 'eu-west-1')]],
  ['a file', ['SimpleNotificationService-0123456789abcdef0123456789abcdef.pem']],
  ['the text of a certificate', [certificate]],
  ['a number', [7]],
])('%s for certificates is a mistake that is named', async (_, certificates) => {
  const options = { topicArns: [topicArn], certificates: certificates as string[] }
  const cache = { handleRotationEvent: async () => [] }
  expect(() => createSnsHandler(cache, options)).toThrow(/^certificates must be a list of URLs/)
  await expect(verifySnsMessage(genuine, options)).rejects.toThrow(/^certificates must be a list of URLs/)
})
