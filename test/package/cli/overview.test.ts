import { readFileSync } from 'node:fs'
import { expect, inject, it } from 'vitest'
import { cli, start } from './cli.js'

const commands = ['dev', 'doctor', 'exec', 'get']
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

it('runs by npx from the packed tarball, and lists its commands', async () => {
  const { code, stdout, stderr } = await start('npx', ['--no-install', 'awscurrent', '--help'], {}, inject('bareApp')).ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('Usage: npx awscurrent <command>')
  for (const name of commands) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
})

it.each(['--version', '-v'])('%s prints the version', async option => {
  expect(await cli([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

it.each(commands)('%s explains itself in three ways', async name => {
  const outcomes = await Promise.all([cli([name, '--help']), cli([name, 'anything', '-h']), cli(['help', name])])
  const [first] = outcomes
  expect(first?.stdout).toMatch(new RegExp(`^Usage: npx awscurrent ${name} `))
  expect(first?.stdout).toMatch(/\nExit codes: .*\n/)
  for (const outcome of outcomes) expect(outcome).toEqual({ code: 0, stdout: first?.stdout, stderr: '' })
})

it('without a command, it lists them and fails', async () => {
  const { code, stdout, stderr } = await cli([])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('Usage: npx awscurrent <command>')
})

it.each([
  [['execute'], 'There is no command "execute". Did you mean exec?'],
  [['frobnicate'], 'There is no command "frobnicate". There are '],
  [['--region', 'eu-west-1', 'get'], 'The first argument is a command: '],
  [['get', '--regoin=eu-west-1', 'x'], 'There is no option --regoin. Did you mean --region?'],
  [['get', '--zzz', 'x'], 'There is no option --zzz. --help lists those that there are.'],
  [['get', '-z', 'x'], 'There is no option -z. --help lists those that there are.'],
  [['get', '--reveal=yes', 'x'], 'The option --reveal takes no value.'],
  [['get', 'x', '--key'], 'The option --key needs a value.'],
  [['get'], 'get takes one id.'],
  [['get', 'x', 'y'], 'get takes one id.'],
  [['exec', '--env', 'A=x'], 'The command to run stands behind --: exec … -- node app.js'],
  [['exec', '--env', 'A=x', 'true', '--', 'true'], 'The command to run stands behind --: exec … -- node app.js'],
  [['exec', '--', 'true'], 'exec needs at least one --env NAME=id.'],
  [['exec', '--env', '1A=x', '--', 'true'], '--env takes NAME=id or NAME=id:key, such as DB_PASSWORD=prod/db:password.'],
  [['exec', '--env', 'A=x', '--env', 'A=y', '--', 'true'], '--env names A twice.'],
  [['exec', '--env', 'A=x', '--grace', '1s', '--', 'true'], '--grace is of use with --restart-on-rotation only.'],
  [
    ['exec', '--env', 'A=x', '--restart-on-rotation', '--ttl', '5 min', '--', 'true'],
    '--ttl takes a duration such as 500ms, 10s or 5m.',
  ],
  [['exec', '--env', 'A=x', '--restart-on-rotation', '--ttl', '0s', '--', 'true'], '--ttl takes a duration from 100ms to 24h.'],
  [
    ['exec', '--env', 'A=x', '--restart-on-rotation', '--spread', '25h', '--', 'true'],
    '--spread takes a duration from 0ms to 24h.',
  ],
  [
    ['exec', '--env', 'A=x', '--restart-on-rotation', '--topic-arn', 'rotations', '--', 'true'],
    '--topic-arn takes the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:123456789012:rotations.',
  ],
  [['dev'], 'dev takes one file; a command stands behind --.'],
  [['dev', 'a.json', 'npm', 'start'], 'dev takes one file; a command stands behind --.'],
  [['dev', 'a.json', '--'], 'There is no command behind --.'],
  [['dev', 'a.json', '--port', 'http'], '--port takes a number from 0 to 65534.'],
  [['dev', 'a.json', '--region', 'Europe'], '--region takes the name of a Region, such as eu-west-1.'],
  [
    ['dev', 'a.json', '--events', 'http://example.com/'],
    '--events takes a URL of this machine, such as http://127.0.0.1:3000/rotations.',
  ],
])('awscurrent %j is told what is wrong in one line', async (args, message) => {
  const { code, stdout, stderr } = await cli(args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr.startsWith(`awscurrent: ${message}`)).toBe(true)
  expect(stderr.split('\n')).toHaveLength(2)
})

it('no value of a wrong option is repeated', async () => {
  const { stderr } = await cli(['get', 'x', '--pasword=planted', '--key'])
  expect(stderr).not.toContain('planted')
})

it('without the AWS SDK, it says what to install', async () => {
  const file = `${inject('bareApp')}/node_modules/awscurrent/dist/cli.js`
  const { code, stdout, stderr } = await start(process.execPath, [file, 'get', 'prod/key', '--region', 'eu-west-1']).ended
  expect([code, stdout]).toEqual([3, ''])
  expect(stderr).toMatch(/^awscurrent: .*npm install @aws-sdk\/client-secrets-manager.*\n$/)
})
