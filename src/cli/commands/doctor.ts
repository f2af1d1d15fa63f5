import { checkSecretId } from '../../core/secrets/secret-id.js'
import { readTopic } from '../../signals/topic.js'
import { awsOptions, awsUsage, useAws } from '../aws.js'
import { CliError } from '../cli-error.js'
import type { Command } from '../command.js'
import { examine } from '../doctor/examine.js'
import { asJson, asText, exitCodeFor } from '../doctor/report.js'
import { parseCommandLine, parseDuration } from '../parse.js'
import { voiceOf } from '../say.js'

const usage = `
Usage: npx awscurrent doctor <id of a secret> [options]

Checks whether you may read a secret, and whether its rotations are heard of: the EventBridge rule, its topic, the policies, keys and
subscriptions. Then it sends a test event through the topic to a queue that it creates and removes; caches ignore that event.
Each finding comes with its remedy and the statement to add to a policy. Nothing else is changed, and no value is shown.

Options:
  --topic-arn <ARN>  The topic that the rule must send to; otherwise all topics that it sends to
  --queue <URL>      The queue that must be reached
  --url <URL>        The URL of createSnsHandler that must be reached
  --no-pools         No pool uses this secret: AWSPENDING need not be readable
  --no-test          Send no test event
  --wait <duration>  How long to wait for the test event (default 20s)
  --json             Print the findings as JSON
${awsUsage}

Exit codes: 0 no problem, 1 problems found, 2 wrong command line, 3 nothing could be checked.
`

/** `npx awscurrent doctor`. */
export const command: Command = {
  name: 'doctor',
  summary: 'Check permissions and the way of rotation events',
  usage,
  async run(args, io) {
    const { values, positionals } = parseCommandLine(args, {
      'topic-arn': { type: 'string' },
      queue: { type: 'string' },
      url: { type: 'string' },
      'no-pools': { type: 'boolean' },
      'no-test': { type: 'boolean' },
      wait: { type: 'string', default: '20s' },
      ...awsOptions,
    })
    const [secretId, ...more] = positionals
    if (secretId === undefined || more.length > 0) throw new CliError('doctor takes the id of one secret.')
    const { 'topic-arn': topic, queue, url } = values
    checkSecretId(secretId, false)
    if (secretId.startsWith('/')) throw new CliError('doctor examines secrets, not parameters.')
    if (topic !== undefined) checkTopic(topic)
    if (queue !== undefined && url !== undefined) throw new CliError('Pass --queue or --url, not both.')
    for (const [option, text] of Object.entries({ queue, url })) checkUrl(option, text)
    const waitMs = parseDuration('--wait', values.wait)
    useAws(values, io.env)

    const voice = voiceOf(io, values.json === true)
    const findings = await examine({
      secretId,
      region: values.region,
      topicArn: topic,
      queueUrl: queue,
      webhookUrl: url,
      hasPools: values['no-pools'] !== true,
      waitMs: values['no-test'] ? undefined : waitMs,
      signal: io.signal,
      progress: text => voice.say('progress', text),
    })
    const isColourful = io.isTTY && !io.env.NO_COLOR
    io.stdout.write(values.json ? asJson(secretId, findings) : asText(findings, isColourful))
    return exitCodeFor(findings)
  },
}

function checkTopic(arn: string): void {
  try {
    readTopic(arn, '--topic-arn')
  } catch (error) {
    throw new CliError((error as Error).message)
  }
}

function checkUrl(option: string, url: string | undefined): void {
  if (url !== undefined && !/^https?:\/\/./.test(url)) throw new CliError(`--${option} takes a URL.`)
}
