import { afterEach, expect, it } from 'vitest'
import { certificate, certificateUrl, notification, publishedAt, signed, topicArn } from '../support/signed-messages.js'
import { type ScriptProcess, startScript } from '../support/typescript-process.js'

let running: ScriptProcess | undefined

/** Runs a script in which time passes twenty times as fast and nothing keeps the process alive. A call of `client` named `state.hang` never ends. */
async function start(script: string): Promise<ScriptProcess> {
  running = await startScript(
    `import { createSnsHandler, verifySnsMessage } from 'awscurrent/sns'
     import { listenToQueue, sweepQueues } from 'awscurrent/sqs'
     const clock = {
       now: () => ${publishedAt} + performance.now() * 20,
       setTimeout(run, ms) {
         const timer = setTimeout(run, ms / 20).unref()
         return () => clearTimeout(timer)
       },
     }
     const never = () => new Promise(() => {})
     const state = { hang: '' }
     const client = {
       async send(command) {
         const call = command.constructor.name.replace('Command', '')
         return call === state.hang || call === 'ReceiveMessage' ? never() : { QueueUrl: 'https://sqs.example/q', SubscriptionArn: 'arn:1' }
       },
     }
     const cache = { handleRotationEvent: async () => [], revalidate() {} }
     const topicArn = '${topicArn}'
     const message = ${JSON.stringify(signed(notification('rotated')))}
     const options = { topicArns: [topicArn], clock, client }
     const codeOf = promise => promise.then(() => 'done', error => error.code)
     ${script}`,
  )
  return running
}

afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
})

it('a process lives until a message that waits for the turn of its certificate is verified', async () => {
  const { ended } = await start(
    `const fetchCertificate = async () => ${JSON.stringify(certificate)}
     const urlOf = file => '${certificateUrl}'.replace(/-[0-9a-f]{32}/, '-' + String(file).padStart(32, '0'))
     for (let file = 0; file < 7; file += 1) {
       const forgery = { ...message, Signature: 'AAAA', SigningCertURL: urlOf(file) }
       await codeOf(verifySnsMessage(forgery, { topicArns: [topicArn], clock, fetchCertificate }))
     }
     console.log((await verifySnsMessage(message, { topicArns: [topicArn], clock, fetchCertificate })).Message)`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'rotated\n' })
})

it('a process lives until a request is answered whose body never ends', async () => {
  const { ended } = await start(
    `const body = new ReadableStream({ pull: never })
     const request = new Request('http://localhost/sns', { method: 'POST', body, duplex: 'half' })
     console.log((await createSnsHandler(cache, options).fetch(request)).status >= 400)`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'true\n' })
})

it.each([
  ['subscribe', 'Subscribe', 'const action = () => handler.subscribe({ endpoint })'],
  ['unsubscribe', 'Unsubscribe', 'await handler.subscribe({ endpoint }); const action = () => handler.unsubscribe()'],
])('a process lives until %s rejects because SNS does not answer', async (_, call, script) => {
  const { ended } = await start(
    `const handler = createSnsHandler(cache, options)
     const endpoint = 'https://shop.example/sns'
     ${script}
     state.hang = '${call}'
     console.log(await codeOf(action()))`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'ERR_SECRET_UNAVAILABLE\n' })
})

const listen = 'listenToQueue(cache, { topicArn, client, snsClient: client, clock })'

it('a process lives until listenToQueue rejects because SQS does not answer', async () => {
  const { ended } = await start(
    `state.hang = 'CreateQueue'
     console.log(await codeOf(${listen}))`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'ERR_SECRET_UNAVAILABLE\n' })
})

it('a process lives until a sweep is over that SQS does not answer', async () => {
  const { ended } = await start(
    `state.hang = 'ListQueues'
     console.log(await codeOf(sweepQueues({ topicArn, client, snsClient: client, clock })))`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'ERR_SECRET_UNAVAILABLE\n' })
})

it('a process lives until close() resolves, though SQS does not answer', async () => {
  const { ended } = await start(
    `const listener = await ${listen}
     state.hang = 'DeleteQueue'
     await listener.close()
     console.log('closed')`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'closed\n' })
})

it('a listener that nobody closes does not by itself keep a process alive', async () => {
  const { ended } = await start(
    `await ${listen}
     console.log('listening')`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'listening\n' })
})
