import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeSecretsManager, type FakeServer } from '../../src/testing/index.js'
import { type ScriptProcess, startScript } from '../support/typescript-process.js'

const id = 'prod/key'

let fake: FakeSecretsManager
let server: FakeServer
let running: ScriptProcess | undefined

/** Runs a script that has a cache with a client of its own, as a service has. */
async function start(script: string, options = '{}'): Promise<ScriptProcess> {
  running = await startScript(
    `import { SecretCache } from 'awscurrent'
     const secrets = new SecretCache({ region: '${fake.region}', ...${options} })
     const id = '${id}'
     ${script}`,
    { AWS_ENDPOINT_URL_SECRETS_MANAGER: server.endpoint, AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing' },
  )
  return running
}

beforeEach(async () => {
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' } })
  server = await fake.listen()
})

afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
  await server.close()
})

it('a script that only awaits one throttled cold read gets its answer before it exits', async () => {
  fake.inject({ error: 'ThrottlingException', times: 3 })
  const { ended } = await start('console.log(await secrets.getSecretString(id))')
  expect(await ended).toMatchObject({ code: 0, stdout: 'one\n' })
  expect(fake.count()).toBe(4)
})

it('a script whose only read fails is told so, and exits by itself', async () => {
  fake.inject({ error: 'InternalServiceError' })
  const { ended } = await start(
    'await secrets.getSecretString(id).catch(error => console.log(error.code))',
    '{ loadTimeoutMs: 500 }',
  )
  expect(await ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ERR_SECRET_(UNAVAILABLE|TIMEOUT)\n$/) })
})

it('nothing keeps a process alive that has what it wanted: no pause, no deadline, no patience, no listener', async () => {
  const { ended } = await start(
    `let get = async () => ({ arn: 'a', name: id, versionId: 'v', versionStages: [], string: 'one' })
     const hour = 3_600_000
     const cache = new SecretCache({
       source: { get: () => get() }, ttlMs: 0, staleWaitMs: 1, loadTimeoutMs: hour, backoff: { initialMs: hour, maxMs: hour },
     })
     cache.handle(id).on('rotated', () => {})
     await cache.getSecretString(id)
     get = () => new Promise(() => {})
     console.log(await cache.getSecretString(id))
     get = () => Promise.reject(new Error('down'))
     cache.invalidate(id)
     console.log(await cache.getSecretString(id))`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'one\none\n' })
})

it('a fake that listens, and is never closed, keeps no process alive that has read from it', async () => {
  const { ended } = await start(
    `const { FakeSecretsManager } = await import('awscurrent/testing')
     const { endpoint } = await new FakeSecretsManager({ secrets: { [id]: 'of the fake' } }).listen()
     process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = endpoint
     console.log(await new SecretCache({ region: '${fake.region}' }).getSecretString(id))`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'of the fake\n' })
})

it('a failing load behind a stale value ends no process, although nobody listens', async () => {
  const { ended, said } = await start(
    `await secrets.getSecretString(id)
     process.on('SIGUSR2', async () => {
       console.log(await secrets.getSecretString(id))
       await secrets.idle()
       console.log(await secrets.getSecretString(id), secrets.stats().failures > 0)
       process.exit()
     })
     setInterval(() => {}, 1000)
     console.log('read')`,
    '{ ttlMs: 1, ttlJitter: 0 }',
  )
  await said('read')
  fake.inject({ error: 'InternalServiceError' })
  running?.child.kill('SIGUSR2')
  expect(await ended).toMatchObject({ code: 0, stdout: 'read\none\none true\n' })
})

it('a process that was stopped for longer than the TTL does not take the old value for fresh', async () => {
  const { ended, said, child } = await start(
    `await secrets.getSecretString(id)
     process.on('SIGUSR2', async () => {
       console.log(await secrets.getSecretString(id))
       process.exit()
     })
     setInterval(() => {}, 1000)
     console.log('read')`,
    '{ ttlMs: 200, ttlJitter: 0, staleWhileRevalidateMs: 0 }',
  )
  await said('read')
  child.kill('SIGSTOP')
  fake.rotate(id, 'two')
  await new Promise(resolve => setTimeout(resolve, 250))
  child.kill('SIGUSR2')
  child.kill('SIGCONT')
  expect(await ended).toMatchObject({ code: 0, stdout: 'read\ntwo\n' })
})

it('a script that only awaits a long warm-up gets its report before it exits', async () => {
  const { ended } = await start(
    `const value = (name: string) => ({
       arn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:' + name + '-AbCdEf',
       name, versionId: 'v', versionStages: ['AWSCURRENT'], string: 'one',
     })
     const source = {
       get: async ({ secretId }: { secretId: string }) => value(secretId),
       getMany: async (ids: string[]) => ({ values: ids.map(value), errors: [] }),
     }
     const cache = new SecretCache({ source })
     const report = await cache.warmup(Array.from({ length: 400 }, (_, n) => 's/' + n))
     console.log(report.length)`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: '400\n' })
})

it('a script that only awaits a write waits for the read that tells whose the secret is', async () => {
  const { ended } = await start(
    `import { putSecretValue } from 'awscurrent/admin'
     const answer = { ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf', Name: 'a', VersionId: 'v', SecretString: 's' }
     const client = { send: () => new Promise(resolve => setTimeout(resolve, 50, answer).unref()), config: {} }
     const cache = new SecretCache({ source: { get: async () => answer }, allowedAccounts: ['999999999999'] })
     await putSecretValue(cache, 'a', 'new', { client }).catch(error => console.log(error.code))`,
  )
  expect(await ended).toMatchObject({ code: 0, stdout: 'ERR_SECRET_ACCOUNT\n' })
})
