import { readFileSync } from 'node:fs'
import type { CompleteClock } from '../../core/time/clock.js'
import { read } from '../answer.js'
import { connectTo, type HttpAnswer } from '../connection.js'
import { credentialsError, isSendable, unsendable } from './credentials.js'
import type { Expiring } from './expiring-credentials.js'

/** The response of the endpoint. */
type WireCredentials = Record<'AccessKeyId' | 'SecretAccessKey' | 'Token' | 'Expiration', string>

/** The address of the ECS agent. */
const ecsHost = 'http://169.254.170.2'

/** The hosts that may be called without TLS: the agents of ECS and EKS, and this machine. */
const plainHosts = /^(169\.254\.170\.23?|\[fd00:ec2::23\]|127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/

/** The endpoint is on the same machine: a response that takes longer will not come. */
const timeoutMs = 2_000

/** The URL of the container's credentials, if the environment names one. */
export function containerUrl(env: NodeJS.ProcessEnv): string | undefined {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path, AWS_CONTAINER_CREDENTIALS_FULL_URI: url } = env
  return path ? `${ecsHost}${path}` : url || undefined
}

/** Gets credentials from the endpoint of ECS, EKS Pod Identity or Lambda SnapStart. Errors contain nothing of its response. */
export async function askContainer(clock: CompleteClock): Promise<Expiring> {
  const url = allowedUrl(containerUrl(process.env) ?? '')
  const headers = authorization(process.env)
  const connection = connectTo(url)
  const stop = new AbortController()
  const cancel = clock.setTimeout(() => stop.abort(), timeoutMs)
  try {
    return credentialsIn(await connection.send({ method: 'GET', headers, signal: stop.signal }))
  } catch (error) {
    throw credentialsError('The container provides no credentials.', 'Does the task or the pod have a role?', error)
  } finally {
    cancel()
    connection.close()
  }
}

/** Without this rule, anybody who can set the variable could have the token sent anywhere. */
function allowedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && plainHosts.test(url.hostname))) return url
  throw credentialsError(
    'The URL for credentials is not allowed.',
    'Use http: only for this machine, ECS and EKS, and https: for everything else.',
  )
}

/** The token for the endpoint. An error names the variable, not its value. */
function authorization(env: NodeJS.ProcessEnv): { Authorization?: string } {
  const [ofFile, ofText] = ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'] as const
  const { [ofFile]: file, [ofText]: text } = env
  const token = (file ? readToken(file, ofFile) : text)?.trim()
  if (!token) return {}
  if (!isSendable(token)) throw unsendable(file ? ofFile : ofText)
  return { Authorization: token }
}

/** Reads the file for each request, because its token is renewed. */
function readToken(file: string, variable: string): string {
  try {
    // Synchronous: loading node:fs/promises at every cold start would take longer than reading one line now and then.
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw credentialsError(`${variable} cannot be read.`, 'Does the file exist, and may this process read it?', error)
  }
}

function credentialsIn(answer: HttpAnswer): Expiring {
  const output = read(answer)
  if (output instanceof Error) throw output
  const {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration,
  } = output as WireCredentials
  const expiresAt = Date.parse(Expiration)
  if (![accessKeyId, secretAccessKey, sessionToken].every(text => text && isSendable(text)) || !expiresAt) throw new Error()
  return { accessKeyId, secretAccessKey, sessionToken, expiresAt }
}
