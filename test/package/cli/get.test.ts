import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { FakeParameterStore } from '../../../src/testing/index.js'
import { cli, serveSecrets, signing, start, startCli, tool, withoutWaits } from './cli.js'

const secrets = {
  'prod/db': '{"username":"app","password":"planted","port":5432.0}',
  'prod/key': 'planted line\n',
  'prod/tls': Uint8Array.of(0, 255, 10, 128),
}

it.each([
  [['prod/key'], 'planted line\n'],
  [['prod/db', '--key', 'password'], 'planted'],
  [['prod/db', '--key', 'port'], '5432.0'],
])('get %j writes the value to a pipe, unchanged', async (args, value) => {
  const { env } = await serveSecrets(secrets)
  expect(await cli(['get', ...args], env)).toEqual({ code: 0, stdout: value, stderr: '' })
})

it('bytes of a binary secret go to a pipe as they are', async () => {
  const { env } = await serveSecrets(secrets)
  const child = spawn(process.execPath, [tool(), 'get', 'prod/tls'], { env: { ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', chunk => chunks.push(chunk))
  expect(await once(child, 'close')).toEqual([0, null])
  expect([...Buffer.concat(chunks)]).toEqual([0, 255, 10, 128])
})

it('versions are read by their stage and their id', async () => {
  const { fake, env } = await serveSecrets(secrets)
  fake.rotate('prod/key', 'second')
  const { stdout } = await cli(['get', 'prod/key', '--stage', 'AWSPREVIOUS', '--json'], env)
  const previous = JSON.parse(stdout)
  expect(previous).toMatchObject({ name: 'prod/key', versionStages: ['AWSPREVIOUS'], value: 'planted line\n' })
  expect((await cli(['get', previous.arn, '--version-id', previous.versionId], env)).stdout).toBe('planted line\n')
})

it('parameters are read by names that begin with a slash', async () => {
  const store = new FakeParameterStore({ parameters: { '/shop/level': 'debug' } })
  const server = await store.listen()
  onTestFinished(() => server.close())
  expect(await cli(['get', '/shop/level', '--endpoint', server.endpoint], signing)).toEqual({
    code: 0,
    stdout: 'debug',
    stderr: '',
  })
})

/** Runs a command line in a terminal, where everything is on one screen. */
async function onTerminal(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const line = [process.execPath, tool(), ...args].map(word => `'${word}'`).join(' ')
  const { stdout } = await start('script', ['-qec', line, '/dev/null'], env).ended
  return withoutWaits(stdout.replaceAll('\r', ''))
}

it('a terminal shows which version it is, and the value only with --reveal', async () => {
  const { env } = await serveSecrets(secrets)
  const shown = await onTerminal(['get', 'prod/db'], env)
  expect(shown).toMatch(
    /^secret {5}prod\/db\narn {8}arn:aws:.*\nversion {4}\S+ \(AWSCURRENT\)\ncreated {4}20.*\nvalue {6}hidden; /,
  )
  expect(shown).not.toMatch(/planted|password/)
  expect(await onTerminal(['get', 'prod/db', '--json'], env)).not.toMatch(/planted|password/)
  expect(await onTerminal(['get', 'prod/db', '--key', 'password', '--reveal'], env)).toBe('planted\n')
  expect(JSON.parse(await onTerminal(['get', 'prod/tls', '--json', '--reveal'], env))).toMatchObject({ valueBase64: 'AP8KgA==' })
})

it.each([
  [['prod/nothing'], 1, /prod\/nothing does not exist/],
  [['prod/key', '--key', 'password'], 1, /is not JSON|not valid JSON/],
  [['prod/db', '--key', 'nothing'], 1, /has no field "nothing"/],
  [['prod/db', '--stage', 'AWSPENDING'], 1, /no version|does not/i],
  [['prod db'], 2, /prod db/],
])('get %j says in one line why there is nothing', async (args, exitCode, message) => {
  const { env } = await serveSecrets(secrets)
  const { code, stdout, stderr } = await cli(['get', ...args], env)
  expect([code, stdout]).toEqual([exitCode, ''])
  expect(stderr).toMatch(message)
  expect(stderr).not.toContain('planted')
  expect(stderr.split('\n')).toHaveLength(2)
})

it('a denied read fails, with --json as a line of JSON', async () => {
  const { fake, env } = await serveSecrets(secrets)
  fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
  const { code, stdout, stderr } = await cli(['get', 'prod/db', '--json'], env)
  expect([code, stdout]).toEqual([1, ''])
  expect(JSON.parse(stderr)).toMatchObject({ type: 'error', code: 'ERR_SECRET_ACCESS_DENIED' })
})

it.each([
  ['without credentials', { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, [], /credentials/i],
  ['without a Region', { AWS_REGION: '' }, [], /Pass --region, or set AWS_REGION/],
  ['if nothing listens at the endpoint', {}, ['--endpoint', 'http://127.0.0.1:1'], /Nothing listens there/],
  ['with a profile that does not exist', {}, ['--profile', 'nobody'], /profile/i],
])('%s, AWS cannot be asked', async (_, missing, options, message) => {
  const { env } = await serveSecrets(secrets)
  const { code, stdout, stderr } = await cli(['get', 'prod/db', ...options], { ...env, ...missing })
  expect([code, stdout]).toEqual([3, ''])
  expect(stderr).toMatch(message)
  expect(stderr.split('\n')).toHaveLength(2)
})

it('it says what it waits for, and ends at once by a signal', async () => {
  const { fake, env } = await serveSecrets(secrets)
  fake.inject({ operation: 'GetSecretValue', hang: true })
  const running = startCli(['get', 'prod/db'], env)
  await running.said('awscurrent: Waiting for prod/db.\n', 'stderr')
  running.child.kill('SIGTERM')
  expect(await running.ended).toEqual({ code: 143, stdout: '', stderr: '' })
})
