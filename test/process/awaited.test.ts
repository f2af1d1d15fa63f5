import { afterEach, expect, it } from 'vitest'
import { type ScriptProcess, startScript } from '../support/typescript-process.js'

let running: ScriptProcess | undefined

/**
 * Runs a script with a cache whose clock stands still unless `state.now` is moved, while its timers are the machine's. Each load takes the next of
 * `state.answers`, the last of them for ever; `error` fails and `hang` never ends.
 */
async function start(script: string, options = '{}'): Promise<ScriptProcess> {
  running = await startScript(
    `import { SecretCache } from 'awscurrent'
     const id = 'prod/key'
     const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/key-AbCdEf'
     const state = { now: 1_893_456_000_000, answers: ['v1'] }
     const source = {
       async get() {
         const answer = state.answers.length > 1 ? state.answers.shift() : state.answers[0]
         if (answer === 'error') throw new Error('down')
         if (answer === 'hang') return new Promise(() => {})
         return { arn, name: id, versionId: answer, versionStages: ['AWSCURRENT'], string: answer }
       },
     }
     const event = versionId => ({
       version: '0', id: 'event ' + versionId, source: 'aws.secretsmanager', 'detail-type': 'Secret Label Updated', account: '123456789012',
       region: 'eu-west-1', time: new Date(state.now).toISOString(), resources: [arn], detail: { name: id, labelUpdated: 'AWSCURRENT', versionId },
     })
     const cache = new SecretCache({ source, clock: { now: () => state.now }, ttlMs: 1_000, ttlJitter: 0, ...${options} })
     await cache.getSecretString(id)
     ${script}`,
  )
  return running
}

afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
})

it('a process lives until an event that it awaits is dealt with, through the pauses between reads', async () => {
  const { ended } = await start(
    `state.answers = ['v1', 'v1', 'v2']
     const [{ outcome }] = await cache.handleRotationEvent(event('v2'))
     console.log(outcome)`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'refreshed\n' })
})

it('a process lives until idle() resolves, through the pause before an old answer is read again', async () => {
  const { ended } = await start(
    `state.answers = ['v2', 'v1', 'v2']
     await cache.refreshNow(id)
     state.now += 1_500
     await cache.getSecretString(id)
     await cache.idle()
     console.log('idle', cache.peek(id).versionId)`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'idle v2\n' })
})

it('a process lives until idle() resolves after a load that runs behind readers and never answers', async () => {
  const { ended } = await start(
    `state.answers = ['hang']
     state.now += 1_500
     console.log(await cache.getSecretString(id))
     await cache.idle()
     console.log('idle')`,
    '{ loadTimeoutMs: 300 }',
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'v1\nidle\n' })
})

it('a process lives until a refresh that waits for its turn is done, and until close() after it', async () => {
  const { ended } = await start(
    `for (let call = 0; call < 5; call += 1) await cache.refreshNow(id)
     state.answers = ['v2']
     const handled = cache.handleRotationEvent(event('v2'))
     const [{ outcome }] = await handled
     console.log(outcome)
     await cache.close()
     console.log('closed')`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'refreshed\nclosed\n' })
})

it('a process lives until close() resolves while an event is in a pause', async () => {
  const { ended } = await start(
    `const handled = cache.handleRotationEvent(event('v2'))
     setTimeout(async () => {
       await cache.close()
       console.log((await handled)[0].outcome)
     }, 100)
     await handled`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'rejected\n' })
})

it('an event that nobody awaits keeps no process alive', async () => {
  const { ended } = await start(
    `void cache.handleRotationEvent(event('v2'))
     console.log('done')`,
    '{ refreshSpreadMs: 3_600_000 }',
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'done\n' })
})

const heard = `
  const heard = []
  process.on('unhandledRejection', () => heard.push('unhandledRejection'))
  process.on('uncaughtException', error => heard.push(error.message))`

it.each([
  ['a listener of the cache', `cache.on('rotated', async () => { throw new Error('of the listener') })`],
  ['a listener of a handle', `cache.handle(id).on('rotated', async () => { throw new Error('of the listener') })`],
  [
    'a listener that returns another promise',
    `cache.on('rotated', () => ({ then: (_, reject) => reject(new Error('of the listener')) }))`,
  ],
  ['a listener of loads', `cache.on('loaded', () => Promise.reject(new Error('of the listener')))`],
])('%s that rejects is no unhandled rejection, and disturbs no read', async (_, listen) => {
  const { ended } = await start(
    `${heard}
     ${listen}
     state.answers = ['v2']
     console.log((await cache.refreshNow(id)).text())
     setTimeout(() => console.log(heard.includes('unhandledRejection')), 50)`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'v2\nfalse\n' })
})
