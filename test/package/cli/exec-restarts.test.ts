import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startQueueServer } from '../../support/queue-server.js'
import { cli, isRunning, type Running, serveSecrets, startCli } from './cli.js'

const topicArn = 'arn:aws:sns:eu-west-1:123456789012:rotations'
const secrets = { 'prod/db': { username: 'app', password: 'planted-1', note: 'first' } }

/** A service that reads its password once, and takes a while to end. */
const service = `
  process.on('SIGTERM', () => setTimeout(() => { console.log(process.pid, 'ended'); process.exit(3) }, 50))
  setInterval(() => {}, 1000)
  console.log(process.pid, 'has', process.env.PASSWORD)`

const stubborn = `
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 1000)
  console.log(process.pid, 'has', process.env.PASSWORD)`

function follow(env: NodeJS.ProcessEnv, script: string, ...options: string[]): Running {
  const own = ['--env', 'PASSWORD=prod/db:password', '--restart-on-rotation', '--ttl', '200ms', '--spread', '0s', ...options]
  return startCli(['exec', ...own, '--', process.execPath, '-e', script], env)
}

function pidsIn(output: string): number[] {
  return [...output.matchAll(/^(\d+) has/gm)].map(([, pid]) => Number(pid))
}

it('a rotation restarts the command with the new value, after the old one has ended', async () => {
  const { fake, env } = await serveSecrets(secrets)
  const running = follow(env, service)
  await running.said('has planted-1')
  fake.rotate('prod/db', { username: 'app', password: 'planted-2' })
  const [old, next] = pidsIn(await running.said('has planted-2'))
  running.child.kill('SIGTERM')
  expect(await running.ended).toEqual({
    code: 3,
    stdout: `${old} has planted-1\n${old} ended\n${next} has planted-2\n${next} ended\n`,
    stderr: 'awscurrent: Restarting, because of PASSWORD.\n',
  })
  expect([isRunning(old ?? 0), isRunning(next ?? 0)]).toEqual([false, false])
})

it('a command that does not end within the grace period is killed', async () => {
  const { fake, env } = await serveSecrets(secrets)
  const running = follow(env, stubborn, '--grace', '200ms')
  await running.said('has planted-1')
  fake.rotate('prod/db', { username: 'app', password: 'planted-2' })
  const [old, next] = pidsIn(await running.said('has planted-2'))
  expect(isRunning(old ?? 0)).toBe(false)
  process.kill(next ?? 0, 'SIGKILL')
  const { code, stderr } = await running.ended
  expect(code).toBe(137)
  expect(stderr).toBe('awscurrent: Restarting, because of PASSWORD.\nawscurrent: The command did not end within 0.2 s.\n')
})

it('another field of the secret is no reason to restart', async () => {
  const { fake, env } = await serveSecrets(secrets)
  const running = follow(env, service)
  await running.said('has planted-1')
  fake.put('prod/db', { username: 'app', password: 'planted-1', note: 'second' })
  const before = fake.count('GetSecretValue')
  await vi.waitFor(() => expect(fake.count('GetSecretValue')).toBeGreaterThan(before + 2), 10_000)
  running.child.kill('SIGTERM')
  const { stdout, stderr } = await running.ended
  expect([pidsIn(stdout).length, stderr]).toEqual([1, ''])
})

it('while the secret cannot be read, the command goes on; the restart comes with the next success', async () => {
  const { fake, env } = await serveSecrets(secrets)
  const running = follow(env, service)
  await running.said('has planted-1')
  fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
  fake.rotate('prod/db', { username: 'app', password: 'planted-2' })
  await running.said('awscurrent: PASSWORD keeps its value: ', 'stderr')
  expect(isRunning(pidsIn(await running.said('has planted-1'))[0] ?? 0)).toBe(true)
  fake.recover()
  await running.said('has planted-2')
  running.child.kill('SIGTERM')
  const { stdout, stderr } = await running.ended
  expect(pidsIn(stdout)).toHaveLength(2)
  expect(stderr).not.toContain('planted')
})

it('a command that ends by itself is not started again', async () => {
  const { env } = await serveSecrets(secrets)
  const running = follow(env, 'console.log(process.env.PASSWORD); process.exit(4)')
  expect(await running.ended).toEqual({ code: 4, stdout: 'planted-1\n', stderr: '' })
})

it('a signal during a restart ends it: no other command is started', async () => {
  const { fake, env } = await serveSecrets(secrets)
  const running = follow(env, stubborn, '--grace', '1s')
  await running.said('has planted-1')
  fake.rotate('prod/db', { username: 'app', password: 'planted-2' })
  await running.said('Restarting', 'stderr')
  running.child.kill('SIGTERM')
  const { code, stdout } = await running.ended
  expect([code, pidsIn(stdout).length]).toEqual([137, 1])
})

it('the spread holds a restart back, and messages are JSON if asked for', async () => {
  const { fake, env } = await serveSecrets(secrets)
  const running = follow(env, service, '--spread', '100ms', '--json')
  await running.said('has planted-1')
  fake.rotate('prod/db', { username: 'app', password: 'planted-2' })
  await running.said('has planted-2')
  running.child.kill('SIGTERM')
  const lines = (await running.ended).stderr.trim().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual([
    { type: 'scheduled', delayMs: expect.any(Number), message: expect.stringMatching(/restarting in 0\.\d s\.$/) },
    { type: 'restarting', variables: ['PASSWORD'], message: 'Restarting, because of PASSWORD.' },
  ])
})

/** An SNS that accepts every subscription; resolves with its endpoint. */
async function startTopics(calls: string[]): Promise<string> {
  const server = createServer(async (request, response) => {
    const call = new URLSearchParams(await text(request)).get('Action') ?? ''
    calls.push(call)
    const result = `<${call}Result><SubscriptionArn>${topicArn}:1</SubscriptionArn></${call}Result>`
    response.writeHead(200, { 'content-type': 'text/xml' })
    response.end(`<${call}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</${call}Response>`)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('an event of the topic restarts the command at once; its queue and subscription go with it', async () => {
  const { fake, env } = await serveSecrets(secrets)
  await using queueServer = await startQueueServer()
  const { queues, endpoint } = queueServer
  const calls: string[] = []
  const running = follow(
    { ...env, AWS_ENDPOINT_URL_SQS: endpoint, AWS_ENDPOINT_URL_SNS: await startTopics(calls) },
    service,
    ...['--ttl', '1h', '--topic-arn', topicArn],
  )
  await running.said('has planted-1')
  const event = fake.rotate('prod/db', { username: 'app', password: 'planted-2' })
  for (const url of queues.queues.keys()) queues.put(url, JSON.stringify(event))
  await running.said('has planted-2')
  running.child.kill('SIGTERM')
  expect((await running.ended).code).toBe(3)
  expect([...queues.queues]).toEqual([])
  expect(calls).toEqual(['Subscribe', 'Unsubscribe'])
})

it('if the topic cannot be subscribed to, the command is not started', async () => {
  const { env } = await serveSecrets(secrets)
  const topic = ['--topic-arn', topicArn]
  const own = ['--env', 'PASSWORD=prod/db:password', '--restart-on-rotation', ...topic]
  const { code, stdout, stderr } = await cli(['exec', ...own, '--', 'echo', 'started'], {
    ...env,
    AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1',
  })
  expect([code, stdout]).toEqual([3, ''])
  expect(stderr).toMatch(/^awscurrent: CreateQueue .* failed: connect ECONNREFUSED.*\n$/)
})
