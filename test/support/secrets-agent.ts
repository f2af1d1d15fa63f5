import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { SecretValue } from '../../src/index.js'
import type { FakeParameterStore, FakeSecretsManager } from '../../src/testing/index.js'

/** An answer that is sent as it stands, or half of it with `cut` or `stalls`; `reset` ends the connection without one, `garbled` in the middle; `hang` never comes. */
export type RawAnswer = { status: number; body: string; cut?: true; stalls?: true } | 'reset' | 'garbled' | 'hang'

/** What the stub was asked. */
interface AgentRequest {
  path: string
  query: Record<string, string>
  token: string | undefined
}

/** A stand-in for the agent, the AWS Workload Credentials Provider, or for the Lambda extension. */
export interface SecretsAgent {
  readonly port: number
  readonly requests: AgentRequest[]
  /** Sent to the next requests, in this order, instead of what the service says. */
  readonly answers: RawAnswer[]
  /** The token that it asks for. */
  token: string
  /** How many answers have stalled. */
  stalled: number
  /** Done once, before the next request is looked at. */
  beforeAnswer: (() => Promise<unknown>) | undefined
  close(): Promise<void>
}

const parameters = ['secretId', 'versionId', 'versionStage', 'refreshNow', 'roleArn']
/** Those that the extension does not know. */
const ofAgent = ['refreshNow', 'roleArn']
const endless = new AbortController().signal

/**
 * Speaks the protocol of either in front of a fake: the token, the parameters, the forms of values and errors, and the cache that answers
 * by the words of the request and hears of no rotation.
 */
export async function startSecretsAgent(
  fake: FakeSecretsManager,
  { kind = 'agent', port = 0, store }: { kind?: 'agent' | 'extension'; port?: number; store?: FakeParameterStore } = {},
): Promise<SecretsAgent> {
  const cached = new Map<string, SecretValue>()
  const requests: AgentRequest[] = []
  const answers: RawAnswer[] = []
  const agent: Omit<SecretsAgent, 'port' | 'close'> = {
    requests,
    answers,
    token: 'the token',
    stalled: 0,
    beforeAnswer: undefined,
  }

  async function answer({ path, query, token }: AgentRequest): Promise<RawAnswer> {
    const { beforeAnswer } = agent
    agent.beforeAnswer = undefined
    await beforeAnswer?.()
    if (token !== agent.token) return { status: kind === 'agent' ? 403 : 401, body: 'Bad Token' }
    if (path === '/systemsmanager/parameters/get' && store !== undefined) return { status: 200, body: parameterIn(store, query) }
    if (path !== '/secretsmanager/get') return { status: 404, body: 'Not found' }
    const unknown = Object.keys(query).find(
      name => !parameters.includes(name) || (kind === 'extension' && ofAgent.includes(name)),
    )
    if (unknown !== undefined) return { status: 400, body: `unknown parameter: ${unknown}` }
    const { refreshNow, secretId = '', roleArn, ...version } = query
    const key = JSON.stringify([secretId, version, roleArn])
    const known = refreshNow === 'true' ? undefined : cached.get(key)
    const value = known ?? (await fake.source().get({ secretId, ...version }, { signal: endless }))
    cached.set(key, value)
    return { status: 200, body: kind === 'agent' ? agentValue(value) : extensionValue(value) }
  }

  const server = createServer((request, response) => {
    const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const token = request.headers['x-aws-parameters-secrets-token']
    const asked: AgentRequest = { path, query: Object.fromEntries(searchParams), token: token?.toString() }
    requests.push(asked)
    // The agent takes a request that was forwarded for one that somebody else has made it send.
    if (request.headers['x-forwarded-for'] !== undefined) answers.unshift({ status: 400, body: 'Forwarded' })
    if (request.method !== 'GET') answers.unshift({ status: 405, body: 'Not allowed' })
    const ready = answers.shift()
    const raw = ready === undefined ? answer(asked).catch(error => refusal(kind, error)) : Promise.resolve(ready)
    void raw.then(found => {
      send(response, found)
      if (typeof found === 'object' && found.stalls) agent.stalled += 1
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return Object.assign(agent, { port: (server.address() as AddressInfo).port, close })
}

function send(response: ServerResponse, answer: RawAnswer): void {
  if (answer === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  if (answer === 'hang') return
  if (answer === 'garbled') {
    void sendGarbled(response.socket)
    return
  }
  const { status, body, cut, stalls } = answer
  response.writeHead(status, { 'content-length': Buffer.byteLength(body) })
  const half = body.slice(0, body.length / 2)
  if (cut) response.write(half, () => response.destroy())
  else if (stalls) response.write(half)
  else response.end(body)
}

/** The nonsense comes once the client has had time to see that an answer has begun. */
async function sendGarbled(socket: Socket | null): Promise<void> {
  socket?.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n')
  for (let turn = 0; turn < 10; turn += 1) await setImmediate()
  socket?.end('nonsense\r\n')
}

function agentValue(value: SecretValue): string {
  const { createdDate, binary } = value
  return JSON.stringify({
    ...members(value),
    ...(binary !== undefined && { SecretBinary: Buffer.from(binary).toString('base64') }),
    CreatedDate: String((createdDate?.getTime() ?? 0) / 1_000),
  })
}

function extensionValue(value: SecretValue): string {
  const { createdDate, binary } = value
  return JSON.stringify({
    ...members(value),
    SecretString: value.string ?? null,
    SecretBinary: binary === undefined ? null : Buffer.from(binary).toString('base64'),
    CreatedDate: createdDate?.toISOString(),
    ResultMetadata: {},
  })
}

/** What the extension says of a parameter. */
function parameterIn(store: FakeParameterStore, { name = '', version, label, withDecryption }: Record<string, string>): string {
  const selector = version ?? label
  const Name = selector === undefined ? name : `${name}:${selector}`
  const { Parameter } = store.perform('GetParameter', { Name, WithDecryption: withDecryption === 'true' })
  return JSON.stringify({ Parameter, ResultMetadata: {} })
}

function members({ arn, name, versionId, versionStages, string }: SecretValue): Record<string, unknown> {
  return { ARN: arn, Name: name, VersionId: versionId, VersionStages: versionStages, SecretString: string }
}

function refusal(kind: 'agent' | 'extension', { name, message }: Error): RawAnswer {
  if (kind === 'agent') return { status: 400, body: `{"__type":"${name}", "message":"${message}"}` }
  const id = 'RequestID: 7fd623fc-fcbd-44b7-aeae-2b4e63c3168e'
  return {
    status: 400,
    body: `operation error Secrets Manager: GetSecretValue, https response error StatusCode: 400, ${id}, api error ${name}: ${message}`,
  }
}
