import { once } from 'node:events'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { expect, it, onTestFinished, vi } from 'vitest'
import { cli, isRunning, type Running, startCli, temporaryFolder, tool } from './cli.js'

const contents = { 'prod/db': { password: 'planted-1' }, 'prod/key': 'planted', '/shop/level': 'debug' }

async function fileWith(value: unknown): Promise<string> {
  const file = join(await temporaryFolder(), 'secrets.json')
  writeFileSync(file, JSON.stringify(value), { mode: 0o600 })
  return file
}

/** As editors do. */
function save(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, typeof value === 'string' ? value : JSON.stringify(value), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

interface Served {
  running: Running
  env: Record<string, string>
  read(id: string, stage?: string): Promise<string | undefined>
  parameter(name: string): Promise<string | undefined>
}

/** Serves a file, and reads by the SDK what is served. */
async function serve(file: string, ...options: string[]): Promise<Served> {
  const running = startCli(['dev', file, '--port', '0', '--json', ...options])
  const env = JSON.parse(await running.said('}\n')) as Record<string, string>
  const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = env
  const config = { region, credentials: { accessKeyId, secretAccessKey } }
  const client = new SecretsManagerClient({ ...config, endpoint: env.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? '' })
  const ssm = new SSMClient({ ...config, endpoint: env.AWS_ENDPOINT_URL_SSM ?? '' })
  onTestFinished(() => {
    client.destroy()
    ssm.destroy()
  })
  return {
    running,
    env,
    async read(id, stage = 'AWSCURRENT') {
      return (await client.send(new GetSecretValueCommand({ SecretId: id, VersionStage: stage }))).SecretString
    },
    async parameter(name) {
      return (await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }))).Parameter?.Value
    },
  }
}

it('serves secrets and parameters to the SDK', async () => {
  const { read, parameter, running, env } = await serve(await fileWith(contents))
  expect(await read('prod/db')).toBe('{"password":"planted-1"}')
  expect(await read('prod/key')).toBe('planted')
  expect(await parameter('/shop/level')).toBe('debug')
  running.child.kill('SIGTERM')
  const { code, stderr } = await running.ended
  expect(code).toBe(143)
  expect(JSON.parse(stderr)).toMatchObject({ type: 'serving', secrets: env.AWS_ENDPOINT_URL_SECRETS_MANAGER })
  await expect(fetch(env.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? '')).rejects.toThrow('fetch failed')
})

it('an edit is a rotation: the value before is AWSPREVIOUS; what is removed is scheduled for deletion until it is back', async () => {
  const file = await fileWith(contents)
  const { read, parameter, running } = await serve(file)
  save(file, { 'prod/db': { password: 'planted-2' }, '/shop/level': 'info', 'prod/new': 'new' })
  await running.said('"removed"', 'stderr')
  expect(await read('prod/db')).toBe('{"password":"planted-2"}')
  expect(await read('prod/db', 'AWSPREVIOUS')).toBe('{"password":"planted-1"}')
  expect(await parameter('/shop/level')).toBe('info')
  expect(await read('prod/new')).toBe('new')
  await expect(read('prod/key')).rejects.toMatchObject({ name: 'InvalidRequestException' })
  save(file, { 'prod/key': 'back' })
  await running.said('"names":["prod/key"],"message":"Added prod/key."', 'stderr')
  expect(await read('prod/key')).toBe('back')
  expect(await running.said('', 'stderr')).not.toMatch(/planted|password/)
})

it('a broken edit changes nothing, and is told without quoting it', async () => {
  const file = await fileWith(contents)
  const { read, running } = await serve(file)
  save(file, '{ "prod/db": "planted')
  const told = await running.said('"broken"', 'stderr')
  expect(told).toContain('is not valid JSON')
  expect(told).not.toContain('planted')
  expect(await read('prod/db')).toBe('{"password":"planted-1"}')
  save(file, { ...contents, 'prod/db': 'corrected' })
  await running.said('"rotated"', 'stderr')
  expect(await read('prod/db')).toBe('corrected')
})

it('posts the events of an edit to the URL of a service, one after the other, and goes on if that fails', async () => {
  const received: { 'detail-type': string; resources: string[] }[] = []
  const server = createServer(async (request, response) => {
    received.push((await json(request)) as (typeof received)[number])
    response.writeHead(received.length === 1 ? 500 : 204).end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const file = await fileWith(contents)
  const { running } = await serve(file, '--events', `http://127.0.0.1:${(server.address() as AddressInfo).port}/rotations`)
  save(file, { ...contents, 'prod/db': { password: 'planted-2' }, '/shop/level': 'info' })
  await running.said('rotations answered 500', 'stderr')
  await vi.waitFor(() => expect(received).toHaveLength(2), 10_000)
  expect(received.map(event => event['detail-type']).sort()).toEqual(['Parameter Store Change', 'Secret Label Updated'])
  expect(JSON.stringify(received)).not.toContain('planted')
})

it('a command finds both services by its environment, whatever its own says of AWS', async () => {
  const file = await fileWith(contents)
  const own = { AWS_PROFILE: 'prod', AWS_SESSION_TOKEN: 'real', AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'real' }
  const read = ['exec', '--env', 'A=prod/db:password', '--env', 'B=/shop/level', '--', 'sh', '-c']
  const script = 'echo $A $B $AWS_REGION $AWS_ACCESS_KEY_ID "$AWS_PROFILE$AWS_SESSION_TOKEN"; exit 6'
  const { code, stdout } = await cli(['dev', file, '--port', '0', '--', process.execPath, tool(), ...read, script], own)
  expect({ code, stdout }).toEqual({ code: 6, stdout: 'planted-1 debug us-east-1 local \n' })
})

it('signals reach the command, and nothing is left running', async () => {
  const script = "process.on('SIGINT', () => process.exit(9)); setInterval(() => {}, 1000); console.log(process.pid)"
  const running = startCli(['dev', await fileWith(contents), '--port', '0', '--', process.execPath, '-e', script])
  const pid = Number(await running.said('\n'))
  expect(isRunning(pid)).toBe(true)
  running.child.kill('SIGINT')
  expect((await running.ended).code).toBe(9)
  expect(isRunning(pid)).toBe(false)
})

it('a port in use is told, whichever of the two it is, and the command is not started', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const file = await fileWith(contents)
  for (const first of [port, port - 1]) {
    const stderr = `awscurrent: Port ${port} is in use. Secrets are served at --port, and parameters at the next.\n`
    expect(await cli(['dev', file, '--port', String(first), '--', 'echo', 'started'])).toEqual({ code: 1, stdout: '', stderr })
  }
})

it.each([
  ['that is missing', 'none.json', undefined, 'does not exist'],
  ['that is no JSON', 'secrets.json', '{ "prod/db": "planted', 'is not valid JSON'],
  ['that is no JSON object', 'secrets.json', '["planted"]', 'is not a JSON object'],
  ['that is empty', 'secrets.json', '', 'is empty'],
  ['of another form', 'secrets.yaml', 'prod/db: planted', 'must end in .json or .env'],
  ['with an impossible name', 'secrets.json', '{ "prod db": "planted" }', '"prod db" cannot be served: Invalid name.'],
  ['with a binary parameter', 'secrets.json', '{ "/a": { "SecretBinary": "AAAA" } }', '"/a" is binary, and a parameter is text.'],
])('a file %s is refused before anything is started', async (_, name, text, message) => {
  const file = join(await temporaryFolder(), name)
  if (text !== undefined) writeFileSync(file, text, { mode: 0o600 })
  const { code, stdout, stderr } = await cli(['dev', file, '--port', '0', '--', 'echo', 'started'])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(message)
  expect(stderr).not.toContain('planted')
  expect(stderr.split('\n')).toHaveLength(2)
})

it('a folder is no file', async () => {
  const folder = join(await temporaryFolder(), 'secrets.json')
  mkdirSync(folder)
  expect((await cli(['dev', folder])).stderr).toContain('is a directory')
})

it.each([
  [{ NODE_ENV: 'production' }, 'NODE_ENV is production'],
  [{ AWS_LAMBDA_FUNCTION_NAME: 'f' }, 'this is a Lambda function'],
])('with %j, it refuses to run', async (env, reason) => {
  const stderr = `awscurrent: dev is for development, but ${reason}.\n`
  expect(await cli(['dev', await fileWith(contents), '--', 'echo', 'started'], env)).toEqual({ code: 2, stdout: '', stderr })
})
