import { afterEach, beforeEach, expect, it } from 'vitest'
import { agentSource } from '../../src/agent/index.js'
import { SecretCache, type SecretCacheErrorCode } from '../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'
import { type SecretsAgent, startSecretsAgent } from '../support/secrets-agent.js'
import { throughPauses } from '../support/through-pauses.js'

let clock: ManualClock
let agent: SecretsAgent
let cache: SecretCache

beforeEach(async () => {
  clock = new ManualClock()
  agent = await startSecretsAgent(new FakeSecretsManager())
  const source = agentSource({ port: agent.port, token: 'xyzzy', refreshNow: true, clock })
  // A deadline that no test reaches: what ends a read here is the source.
  cache = new SecretCache({ source, loadTimeoutMs: 3_600_000 })
})

afterEach(async () => {
  await cache.close()
  await agent.close()
})

/** What the tests of the agent, from 2.0.0 to 3.0.0, expect of it: https://github.com/aws/aws-workload-credentials-provider */
it.each<[status: number, body: string, code: SecretCacheErrorCode, said: RegExp, repeats: boolean]>([
  [403, 'Bad Token', 'ERR_SECRET_CREDENTIALS', /HTTP 403\. .*token/, false],
  [400, 'Forwarded', 'ERR_SECRET_CONFIG', /HTTP 400\. .*X-Forwarded-For/, false],
  [400, 'unknown parameter: abc', 'ERR_SECRET_CONFIG', /HTTP 400\. .*refreshNow/, false],
  [400, 'invalid refreshNow value', 'ERR_SECRET_CONFIG', /HTTP 400\. .*refreshNow/, false],
  [400, 'unknown parameter: roleArn', 'ERR_SECRET_CONFIG', /HTTP 400\. .*from 3\.0/, false],
  [
    400,
    '{"__type":"MaxRolesExceeded", "message":"The maximum number of assumed roles (20) has been reached."}',
    'ERR_SECRET_CONFIG',
    /max_roles/,
    false,
  ],
  [
    403,
    '{"__type":"AccessDeniedException", "message":"Failed to create caching client from role: arn:aws:iam::123456789012:role/a"}',
    'ERR_SECRET_ACCESS_DENIED',
    /Failed to create .*sts:AssumeRole/,
    false,
  ],
  [401, 'who are you', 'ERR_SECRET_CREDENTIALS', /HTTP 401\. .*token/, false],
  [400, ' Forwarded\n', 'ERR_SECRET_CONFIG', /HTTP 400\. .*X-Forwarded-For/, false],
  [410, 'Forwarded', 'ERR_SECRET_CONFIG', /HTTP 410\. .*port/, false],
  [410, 'unknown parameter: abc', 'ERR_SECRET_CONFIG', /HTTP 410\. .*port/, false],
  [500, 'Forwarded', 'ERR_SECRET_UNAVAILABLE', /HTTP 500/, true],
  [404, 'Not found', 'ERR_SECRET_CONFIG', /HTTP 404\. .*port/, false],
  [405, 'Not allowed', 'ERR_SECRET_CONFIG', /HTTP 405\. .*port/, false],
  [
    400,
    '{"__type":"AccessDeniedException", "message":"Access to KMS is not allowed"}',
    'ERR_SECRET_ACCESS_DENIED',
    /Access to KMS is not allowed\. .*kms:Decrypt/,
    false,
  ],
  [
    403,
    '{"__type":"AccessDeniedException", "message":"User: a is not authorized"}',
    'ERR_SECRET_ACCESS_DENIED',
    /is not authorized\. .*GetSecretValue/,
    false,
  ],
  [403, ' {"__type":"AccessDeniedException"}\n', 'ERR_SECRET_ACCESS_DENIED', /GetSecretValue/, false],
  [403, 'a FancyException, then AccessDeniedException', 'ERR_SECRET_ACCESS_DENIED', /HTTP 403\. .*GetSecretValue/, false],
  [403, 'AccessDeniedException', 'ERR_SECRET_ACCESS_DENIED', /HTTP 403\. .*GetSecretValue/, false],
  [
    400,
    '{"__type":"ResourceNotFoundException", "message":"Secrets Manager can\'t find the specified secret."}',
    'ERR_SECRET_NOT_FOUND',
    /can't find the specified secret\. .*Region/,
    false,
  ],
  [
    404,
    '{"__type":"ResourceNotFoundException", "message":"Secrets Manager can\'t find the specified secret."}',
    'ERR_SECRET_NOT_FOUND',
    /can't find the specified secret\. .*Region/,
    false,
  ],
  [
    400,
    '{"__type":"InvalidSignatureException", "message":"The request signature we calculated does not match ..."}',
    'ERR_SECRET_UNAVAILABLE',
    /does not match \.\.\. .*clock/,
    true,
  ],
  [429, 'Connection limit exceeded', 'ERR_SECRET_THROTTLED', /HTTP 429\. .*max_conn/, true],
  [500, '{"__type":"InternalFailure"}', 'ERR_SECRET_UNAVAILABLE', /InternalFailure|HTTP 500/, true],
  [502, '{"__type":"ConnectionError", "message":"Read Error"}', 'ERR_SECRET_UNAVAILABLE', /HTTP 502/, true],
  [504, '{"__type":"TimeoutError", "message":"Timeout"}', 'ERR_SECRET_TIMEOUT', /HTTP 504/, true],
])('HTTP %i %s is told apart, with its status', async (status, body, code, said, repeats) => {
  agent.answers.push(...Array.from({ length: 10 }, () => ({ status, body })))
  const error = await throughPauses(clock, rejectionOf(cache.getSecretString('MyTest')))
  expect(error).toMatchObject({ code, cause: { status }, message: expect.stringMatching(said) })
  expect(agent.requests.length).toBe(repeats ? 10 : 1)
})

it.each<[status: number, body: string, message: string]>([
  [401, '', 'The token was rejected.'],
  [400, 'unknown parameter: abc', 'It does not know a parameter of the request.'],
  [400, 'Forwarded', 'The agent rejects forwarded requests.'],
  [400, '{"__type":"MaxRolesExceeded", "message":"No."}', 'The agent assumes no further role.'],
  [404, '', 'It returned HTTP 404.'],
  [200, 'null', 'The response is not a JSON object.'],
  [200, '5', 'The response is not a JSON object.'],
  [200, 'nothing', 'The response is not a JSON object.'],
  [400, '{"__type":"ResourceNotFoundException", "message":"Not there."}', 'Not there.'],
  [400, '{"__type":"ResourceNotFoundException"}', ''],
])('HTTP %i %s is told by the source as: %s', async (status, body, message) => {
  agent.answers.push(...Array.from({ length: 10 }, () => ({ status, body })))
  const source = agentSource({ port: agent.port, token: 'xyzzy', clock })
  const error = await throughPauses(clock, rejectionOf(source.get({ secretId: 'MyTest' }, new AbortController())))
  // A hint may follow.
  expect(error.message.slice(0, message.length || undefined)).toBe(message)
})
