import { resolve } from 'node:path'
import { isSecretCacheError } from '../../core/failures/errors.js'
import { completeClock } from '../../core/time/clock.js'
import { FileWatch } from '../../local/file-watch.js'
import { formOf } from '../../local/parse-secrets.js'
import { SecretFile } from '../../local/secret-file.js'
import { codeOfSignal, runChild } from '../child.js'
import { CliError } from '../cli-error.js'
import type { Command } from '../command.js'
import { EventSender, parseEventsUrl } from '../dev/event-sender.js'
import { type Contents, SecretsOnFile } from '../dev/secrets-on-file.js'
import { childEnvironment, environmentFor, startServers } from '../dev/servers.js'
import { parseCommandLine, splitCommand } from '../parse.js'
import { type Voice, voiceOf } from '../say.js'

const usage = `
Usage: npx awscurrent dev <file> [options] [-- <command> [arguments]]

Serves the secrets of a file as Secrets Manager does, for any AWS SDK in any language; those whose names begin with a slash
as Parameter Store does. An edit of the file is a rotation. The command gets an environment in which its SDK finds both.

The file: { "prod/db": { "username": "app", "password": "local" }, "/shop/level": "debug" } in a .json, or a .env file.

Options:
  --port <number>  Where secrets are served on 127.0.0.1; parameters at the next port. Default: 4599; 0: any free ports
  --region <name>  The Region that requests must be signed for. Default: AWS_REGION, AWS_DEFAULT_REGION or eu-west-1
  --events <url>   A URL of this machine, to which the rotation events are posted
  --json           Messages as lines of JSON, on stderr; without a command, the environment as JSON

It refuses to run in production.

Exit codes: that of the command, and 128 + n if signal n ended it or this. Before it runs: 1 a port is in use,
2 wrong command line or file, 126 and 127 the command cannot be executed or found.
`

/** `npx awscurrent dev`. */
export const command: Command = {
  name: 'dev',
  summary: 'Serve the secrets of a file to any AWS SDK, for development',
  usage,
  async run(args, io) {
    const { own, command: toRun } = splitCommand(args)
    const { values, positionals } = parseCommandLine(own, {
      port: { type: 'string' },
      region: { type: 'string' },
      events: { type: 'string' },
    })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0) throw new CliError('dev takes one file; a command stands behind --.')
    if (toRun?.length === 0) throw new CliError('There is no command behind --.')
    refuseProduction(io.env)
    const port = parsePort(values.port ?? '4599')
    const region = values.region ?? (io.env.AWS_REGION || io.env.AWS_DEFAULT_REGION || 'eu-west-1')
    if (!/^[a-z]+(-[a-z]+)+-\d+$/.test(region)) throw new CliError('--region takes the name of a Region, such as eu-west-1.')
    const voice = voiceOf(io, values.json === true)
    const sender = values.events === undefined ? undefined : new EventSender(parseEventsUrl(values.events), voice)

    const { FakeParameterStore, FakeSecretsManager } = await import('awscurrent/testing')
    const secrets = new FakeSecretsManager({ region })
    const served = new SecretsOnFile(secrets, new FakeParameterStore({ region, secrets }))
    const file = secretFile(path)
    served.update(await contentsOf(file, io.signal))
    const servers = await startServers(served, port)
    const watching = watch(file, served, voice)
    try {
      if (sender !== undefined) sendEvents(served, sender)
      watching.start()
      const { parameters } = servers
      const text = `Serving ${path} at ${servers.secrets}, and its parameters at ${parameters}.`
      voice.say('serving', text, { secrets: servers.secrets, parameters })
      const env = environmentFor(servers, region)
      if (toRun !== undefined) return await runChild(toRun, childEnvironment(io.env, env), io.signal)
      io.stdout.write(values.json === true ? `${JSON.stringify(env)}\n` : linesOf(env))
      return codeOfSignal(await stopped(io.signal))
    } finally {
      watching.stop()
      sender?.stop()
      await servers.close()
    }
  },
}

function refuseProduction({ NODE_ENV, AWS_LAMBDA_FUNCTION_NAME }: NodeJS.ProcessEnv): void {
  if (NODE_ENV === 'production') throw new CliError('dev is for development, but NODE_ENV is production.')
  if (AWS_LAMBDA_FUNCTION_NAME) throw new CliError('dev is for development, but this is a Lambda function.')
}

function parsePort(text: string): number {
  // Parameters are served at the next one.
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_535) return Number(text)
  throw new CliError('--port takes a number from 0 to 65534.')
}

function secretFile(path: string): SecretFile {
  const form = formOf(path)
  if (form === undefined) throw new CliError(`The name of the file must end in .json or .env, or begin with .env: ${path}`)
  return new SecretFile(resolve(path), form, completeClock())
}

async function contentsOf(file: SecretFile, signal: AbortSignal): Promise<Contents> {
  try {
    return (await file.read(signal)).secrets
  } catch (error) {
    throw isSecretCacheError(error) ? new CliError(error.message) : error
  }
}

function watch(file: SecretFile, served: SecretsOnFile, voice: Voice): FileWatch {
  return new FileWatch(completeClock(), {
    async look(signal) {
      const { added, changed, removed } = served.update((await file.read(signal, true)).secrets)
      const say = (type: string, what: string, names: readonly string[]): void => {
        if (names.length > 0) voice.say(type, `${what} ${names.join(', ')}.`, { names })
      }
      say('added', 'Added', added)
      say('rotated', 'Rotated', changed)
      say('removed', 'Removed', removed)
    },
    onBroken: error => voice.say('broken', `${(error as Error).message} Until that is corrected, the earlier values are served.`),
  })
}

function sendEvents({ secrets, parameters }: SecretsOnFile, sender: EventSender): void {
  secrets.onEvent(event => sender.send(event))
  parameters.onEvent(event => sender.send(event))
}

function linesOf(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** Resolves with the name of the signal. */
function stopped(signal: AbortSignal): Promise<NodeJS.Signals> {
  // A listener on a signal does not keep the process alive, and neither do the fakes.
  const keepAlive = setInterval(() => {}, 60_000)
  return new Promise<NodeJS.Signals>(done => {
    if (signal.aborted) done(signal.reason)
    else signal.addEventListener('abort', () => done(signal.reason), { once: true })
  }).finally(() => clearInterval(keepAlive))
}
