import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { SecretCacheError } from '../core/failures/errors.js'
import { causeFrom, readForeignError } from '../core/failures/foreign-error.js'

/** Where the agent itself looks for its token, in its order. In a Lambda function only the second is set. */
const variables = ['AWS_TOKEN', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN']

/** Where the agent's installation puts the token that it draws at each start. */
const installedFile = 'file:///var/run/awssmatoken'

/** What Node sends as the value of a header. Anything else would be refused by each attempt alike. */
const headerForm = /^[\t\x20-\x7e\x80-\xff]+$/

/** A file that has no token, or none that can be sent. It may have one in a moment: the agent writes it anew as it starts. */
export class MissingToken extends SecretCacheError {}

/** The token to send now. It changes with each start of the agent, so nothing of it is kept. */
export async function readToken(given: string | undefined): Promise<string> {
  const found =
    given ?? variables.map(name => process.env[name]).find(value => value !== undefined && value !== '') ?? installedFile
  const isFile = found.startsWith('file://')
  const token = isFile ? await readTokenFile(found) : found
  if (headerForm.test(token)) return token
  const NoToken = isFile ? MissingToken : SecretCacheError
  throw new NoToken({
    code: 'ERR_SECRET_CREDENTIALS',
    message: "The agent's token cannot be sent: it is empty, or has characters that no header can have.",
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
