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

/** The token to send now. It changes with each start of the agent, so nothing of it is kept. */
export async function readToken(given: string | undefined): Promise<string> {
  const token = await findToken(given)
  if (headerForm.test(token)) return token
  throw new SecretCacheError({
    code: 'ERR_SECRET_CREDENTIALS',
    message: "The agent's token cannot be sent: it is empty, or has characters that no header can have.",
    hint: 'It must be one line of Latin characters. Does its file hold something else?',
  })
}

async function findToken(given: string | undefined): Promise<string> {
  const token =
    given ?? variables.map(name => process.env[name]).find(value => value !== undefined && value !== '') ?? installedFile
  if (!token.startsWith('file://')) return token
  try {
    return (await readFile(fileURLToPath(token), 'utf8')).trim()
  } catch (error) {
    throw new SecretCacheError({
      code: 'ERR_SECRET_CREDENTIALS',
      message: `The agent's token could not be read from ${token}.`,
      cause: causeFrom(readForeignError(error)),
      hint: `Pass { token } to agentSource, or set ${variables[0]}: the token itself, or file:// and the path of a file that this user may read.`,
    })
  }
}
