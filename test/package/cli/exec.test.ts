import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cli, type Outcome, serveSecrets, startCli, temporaryFolder } from './cli.js'

const secrets = { 'prod/db': { username: 'app', password: 'planted', port: 5432 }, 'prod/key': 'planted-key' }

/** A command that prints variables. */
const print = (...names: string[]): string[] => ['--', 'sh', '-c', `printf '%s;' ${names.map(name => `"$${name}"`).join(' ')}`]

it('a command gets secrets, fields and texts with references, beside the environment that it would have had', async () => {
  const { fake, env } = await serveSecrets(secrets)
  const { arn } = fake.put('prod/key', 'current')
  const mappings = [
    'KEY=prod/key',
    'PASSWORD=prod/db:password',
    'PORT=prod/db:port',
    `BY_ARN=${arn}`,
    `OLD=${arn}::AWSPREVIOUS`,
    'URL=postgres://{{resolve:secretsmanager:prod/db:SecretString:username}}@db',
  ]
  const command = print('KEY', 'PASSWORD', 'PORT', 'BY_ARN', 'OLD', 'URL', 'OTHER', 'AWS_PROFILE')
  const outcome = await cli(['exec', ...mappings.flatMap(mapping => ['--env', mapping]), ...command], { ...env, OTHER: 'kept' })
  const stdout = 'current;planted;5432;current;planted-key;postgres://app@db;kept;;'
  expect(outcome).toEqual({ code: 0, stdout, stderr: '' })
})

it('options for the tool itself do not change the environment of the command', async () => {
  const { env } = await serveSecrets(secrets)
  const { AWS_ENDPOINT_URL = '', ...rest } = env
  const outcome = await cli(
    ['exec', '--endpoint', AWS_ENDPOINT_URL, '--env', 'KEY=prod/key', ...print('KEY', 'AWS_ENDPOINT_URL', 'AWS_REGION')],
    rest,
  )
  expect(outcome).toEqual({ code: 0, stdout: 'planted-key;;eu-west-1;', stderr: '' })
})

it.each([
  ['exit 7', 7],
  ['kill -9 $$', 137],
  ['kill -HUP $$', 129],
])('a command that ends by "%s" gives its exit code', async (script, code) => {
  const { env } = await serveSecrets(secrets)
  const outcome = await cli(['exec', '--env', 'KEY=prod/key', '--', 'sh', '-c', script], env)
  expect(outcome).toEqual({ code, stdout: '', stderr: '' })
})

const waiting = (signal: string): string[] => [
  '--',
  process.execPath,
  '-e',
  `process.on('${signal}', () => { console.log('got ${signal}'); process.exit(5) }); setInterval(() => {}, 1000); console.log('ready')`,
]

it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const)('%s reaches the command, which decides how to end', async signal => {
  const { env } = await serveSecrets(secrets)
  const running = startCli(['exec', '--env', 'KEY=prod/key', ...waiting(signal)], env)
  await running.said('ready')
  running.child.kill(signal)
  expect(await running.ended).toEqual({ code: 5, stdout: `ready\ngot ${signal}\n`, stderr: '' })
})

it('the command is not started if a secret is missing or denied, and each is told', async () => {
  const { fake, env } = await serveSecrets(secrets)
  fake.inject({ operation: 'GetSecretValue', secretId: 'prod/key', error: 'AccessDeniedException' })
  const mappings = ['A=prod/nothing', 'B=prod/db:nothing', 'C=prod/key', 'D=prod/db:password']
  const { code, stdout, stderr } = await cli(
    ['exec', ...mappings.flatMap(mapping => ['--env', mapping]), '--', 'echo', 'started'],
    env,
  )
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr.match(/^awscurrent: \w: /gm)?.sort()).toEqual(['awscurrent: A: ', 'awscurrent: B: ', 'awscurrent: C: '])
  expect(stderr).not.toContain('planted')
})

it.each([
  ['a reference that is none', 'A=not a secret', 2, 'awscurrent: A: This is not a valid secret reference.'],
  ['a value that no environment can hold', 'A=prod/null', 1, 'awscurrent: A: An environment variable cannot hold the null byte'],
])('%s is told without repeating it', async (_, mapping, exitCode, message) => {
  const { env } = await serveSecrets({ 'prod/null': 'planted\0' })
  const { code, stdout, stderr } = await cli(['exec', '--env', mapping, '--', 'echo', 'started'], env)
  expect([code, stdout]).toEqual([exitCode, ''])
  expect(stderr.startsWith(message)).toBe(true)
  expect(stderr).not.toMatch(/planted|not a secret/)
})

it('a command that cannot be started is told by the codes of shells', async () => {
  const { env } = await serveSecrets(secrets)
  const file = join(await temporaryFolder(), 'text')
  writeFileSync(file, 'text', { mode: 0o600 })
  const run = (name: string): Promise<Outcome> => cli(['exec', '--env', 'KEY=prod/key', '--', name], env)
  expect(await run('no-such-command')).toEqual({
    code: 127,
    stdout: '',
    stderr: 'awscurrent: There is no command no-such-command.\n',
  })
  const stderr = `awscurrent: The command ${file} cannot be executed: EACCES.\n`
  expect(await run(file)).toEqual({ code: 126, stdout: '', stderr })
})

it('a signal before the command is started ends it all', async () => {
  const { fake, env } = await serveSecrets(secrets)
  fake.inject({ operation: 'GetSecretValue', hang: true })
  const running = startCli(['exec', '--env', 'KEY=prod/key', '--', 'echo', 'started'], env)
  await running.said('awscurrent: Reading KEY.\n', 'stderr')
  running.child.kill('SIGINT')
  expect(await running.ended).toEqual({ code: 130, stdout: '', stderr: '' })
})
