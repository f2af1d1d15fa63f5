import type { Secret } from 'awscurrent'
import { fieldAsText } from '../../core/reads/json-field.js'
import { isParameterId } from '../../parameters/parameter-id.js'
import { awsOptions, awsUsage, openCache, useAws } from '../aws.js'
import { CliError } from '../cli-error.js'
import type { Command, Io } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { parseCommandLine } from '../parse.js'
import { voiceOf } from '../say.js'

const usage = `
Usage: npx awscurrent get <id> [options]

Reads a secret, or a parameter: an id that begins with a slash, or the ARN of one.
A pipe or a file gets the value. A terminal shows which version it is, but not its value.

Options:
  --key <name>       One field of the JSON
  --stage <label>    Another version than AWSCURRENT, such as AWSPREVIOUS
  --version-id <id>  The version with this id
  --reveal           Show the value on a terminal too
  --json             Print id, version and value as JSON
${awsUsage}

Exit codes: 0 read, 1 missing or denied, 2 wrong command line, 3 AWS cannot be asked.
`

/** `npx awscurrent get`. */
export const command: Command = {
  name: 'get',
  summary: 'Read a secret or a parameter',
  usage,
  async run(args, io) {
    const { values, positionals } = parseCommandLine(args, {
      key: { type: 'string' },
      stage: { type: 'string' },
      'version-id': { type: 'string' },
      reveal: { type: 'boolean' },
      ...awsOptions,
    })
    const [id, ...more] = positionals
    if (id === undefined || more.length > 0) throw new CliError('get takes one id.')
    useAws(values, io.env)
    const secret = await read(id, { versionStage: values.stage, versionId: values['version-id'] }, io, values.json === true)
    const value = contentOf(secret, values.key)
    const isShown = values.reveal === true || !io.isTTY
    if (values.json) writeJson(io, secret, isShown ? value : undefined)
    else if (isShown) io.stdout.write(io.isTTY ? `${value}\n` : value)
    else io.stdout.write(describe(secret))
    return exitCodes.ok
  },
}

async function read(
  id: string,
  version: { versionStage: string | undefined; versionId: string | undefined },
  io: Io,
  isJson: boolean,
): Promise<Secret> {
  const cache = await openCache()
  try {
    return await voiceOf(io, isJson).waiting(`Waiting for ${id}.`, cache.getSecret(id, { ...version, signal: io.signal }))
  } finally {
    await cache.close()
  }
}

function contentOf(secret: Secret, key: string | undefined): string | Buffer {
  if (key !== undefined) return fieldAsText(secret.text(), key, secret.name)
  try {
    return secret.text()
  } catch {
    return secret.bytes()
  }
}

function writeJson(io: Io, secret: Secret, value: string | Buffer | undefined): void {
  const { arn, name, versionId, versionStages, createdDate } = secret
  const shown = typeof value === 'string' ? { value } : { valueBase64: value?.toString('base64') }
  io.stdout.write(`${JSON.stringify({ arn, name, versionId, versionStages, createdDate, ...shown })}\n`)
}

function describe({ arn, name, versionId, versionStages, createdDate }: Secret): string {
  const lines = {
    [isParameterId(arn) ? 'parameter' : 'secret']: name,
    arn,
    version: `${versionId} (${versionStages.join(', ')})`,
    created: createdDate?.toISOString() ?? 'unknown',
    value: 'hidden; --reveal shows it, and a pipe gets it',
  }
  return Object.entries(lines)
    .map(([label, text]) => `${label.padEnd(11)}${text}\n`)
    .join('')
}
