import { awsOptions, awsUsage, openCache, useAws } from '../aws.js'
import { type Child, runChild, startChild } from '../child.js'
import { CliError, exitCodeOf } from '../cli-error.js'
import type { Command } from '../command.js'
import { parseReferences, readValues, type Unread, type Values } from '../exec/environment.js'
import { follow } from '../exec/follow.js'
import { parseCommandLine, parseDuration, splitCommand } from '../parse.js'
import { type Voice, voiceOf } from '../say.js'

const usage = `
Usage: npx awscurrent exec --env NAME=<reference> [--env …] [options] -- <command> [arguments]

Runs a command with secrets and parameters in its environment. It is not started if one of them cannot be read.

References:
  prod/api-key                   A secret
  prod/db:password               A field of its JSON; then, if you like, :<stage>:<version id>
  arn:aws:secretsmanager:…       The same by ARN, as in task definitions of ECS: <ARN>:<key>:<stage>:<version id>
  /shop/prod/level               A parameter, also by ARN; then, if you like, :<version or label>
  postgres://{{resolve:…}}@db    A text with references as in CloudFormation

Options:
  --env NAME=<reference>  An environment variable of the command
  --restart-on-rotation   Restart the command when one of the values has changed
  --ttl <duration>        How often the values are read again. Default: 5m
  --topic-arn <arn>       Hear of rotations at once: an SNS topic, to which a queue is subscribed as long as this runs
  --grace <duration>      How long the command may take to end after SIGTERM, before SIGKILL. Default: 10s
  --spread <duration>     Restart at a random moment within this time, so that a fleet does not restart at once. Default: 30s
  --json                  Messages as lines of JSON, on stderr
${awsUsage}

Exit codes: that of the command, and 128 + n if signal n ended it. Before it runs: 1 a secret is missing or denied,
2 wrong command line, 3 AWS cannot be asked, 126 and 127 the command cannot be executed or found.
`

/** The options that are of use with `--restart-on-rotation` only. */
const ofRestarts = ['ttl', 'topic-arn', 'grace', 'spread'] as const

/** `npx awscurrent exec`. */
export const command: Command = {
  name: 'exec',
  summary: 'Run a command with secrets in its environment',
  usage,
  async run(args, io) {
    const { own, command: toRun } = splitCommand(args)
    const { values: given, positionals } = parseCommandLine(own, {
      env: { type: 'string', multiple: true },
      'restart-on-rotation': { type: 'boolean' },
      ttl: { type: 'string' },
      'topic-arn': { type: 'string' },
      grace: { type: 'string' },
      spread: { type: 'string' },
      ...awsOptions,
    })
    if (positionals.length > 0 || !toRun?.length) throw new CliError('The command to run stands behind --: exec … -- node app.js')
    if (given.env === undefined) throw new CliError('exec needs at least one --env NAME=id.')
    const needless = ofRestarts.find(name => given[name] !== undefined && !given['restart-on-rotation'])
    if (needless !== undefined) throw new CliError(`--${needless} is of use with --restart-on-rotation only.`)
    const topicArn = given['topic-arn']
    if (topicArn !== undefined && !/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w.-]+$/.test(topicArn))
      throw new CliError('--topic-arn takes the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:123456789012:rotations.')
    const references = parseReferences(given.env)
    const ttlMs = parseDuration('--ttl', given.ttl ?? '5m', 100)
    const graceMs = parseDuration('--grace', given.grace ?? '10s')
    const spreadMs = parseDuration('--spread', given.spread ?? '30s')

    const voice = voiceOf(io, given.json === true)
    const inherited = { ...io.env }
    useAws(given, io.env)
    // A read waits for the load of what has expired, so it shows a change at once.
    const cache = await openCache({ ttlMs, staleWhileRevalidateMs: 0 })
    const start = (values: Values): Promise<Child> => startChild(toRun, { ...inherited, ...values })
    try {
      const reading = readValues(cache, references, io.signal)
      const { values, unread } = await voice.waiting(`Reading ${[...references.keys()].join(', ')}.`, reading)
      io.signal.throwIfAborted()
      if (unread.length > 0) return refuse(unread, voice)
      if (!given['restart-on-rotation']) return await runChild(toRun, { ...inherited, ...values }, io.signal)
      return await follow({ cache, references, values, start, ttlMs, graceMs, spreadMs, topicArn, voice, stop: io.signal })
    } finally {
      await cache.close()
    }
  },
}

/** Tells of all that could not be read. */
function refuse(unread: readonly Unread[], voice: Voice): number {
  for (const { variable, error } of unread) voice.fail(error, `${variable}: `)
  return Math.max(...unread.map(({ error }) => exitCodeOf(error)))
}
