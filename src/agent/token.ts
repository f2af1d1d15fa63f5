import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { SecretCacheError } from '../core/failures/errors.js'
import { causeFrom, readForeignError } from '../core/failures/foreign-error.js'

/** The variables in which the agent itself looks for its token, in its order. In a Lambda function, only the second is set. */
const variables = ['AWS_TOKEN', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN']

/** The file to which an installed agent writes the token that it generates at each start. */
const installedFile = 'file:///var/run/awssmatoken'

/** The header values that Node sends. With any other, each attempt would fail alike. */
const headerForm = /^[\t\x20-\x7e\x80-\xff]+$/

/** The error of a file without a valid token. It may soon have one: the agent rewrites it as it starts. */
export class MissingToken extends SecretCacheError {}

/** Reads the token to send. It changes with each start of the agent, so it is not kept. */
export async function readToken(given: string | undefined): Promise<string> {
  const found =
    given ?? variables.map(name => process.env[name]).find(value => value !== undefined && value !== '') ?? installedFile
  const isFile = found.startsWith('file://')
  const token = isFile ? await readTokenFile(found) : found
  if (headerForm.test(token)) return token
  const NoToken = isFile ? MissingToken : SecretCacheError
  throw new NoToken({
    code: 'ERR_SECRET_CREDENTIALS',
    message: "The agent's token cannot be sent: it is empty, or contains characters that are not allowed in a header.",
    hint: 'It must be one line of Latin characters. Does its file hold something else?',
  })
}

async function readTokenFile(url: string): Promise<string> {
  try {
    return (await readFile(fileURLToPath(url), 'utf8')).trim()
  } catch (error) {
    throw new MissingToken({
      code: 'ERR_SECRET_CREDENTIALS',
      message: `The agent's token could not be read from ${url}.`,
      cause: causeFrom(readForeignError(error)),
      hint: `Pass { token } to agentSource, or set ${variables[0]}: the token itself, or file:// and the path of a file that this user may read.`,
    })
  }
}
