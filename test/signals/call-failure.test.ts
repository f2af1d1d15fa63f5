import { expect, test } from 'vitest'
import { MissingPeerError } from '../../src/core/failures/peer.js'
import { callFailure } from '../../src/signals/call-failure.js'
import { serviceException } from '../support/fake-queues.js'

test('a package that is missing is named, with what to do', () => {
  expect(callFailure('Subscribe', new MissingPeerError('@aws-sdk/client-sns'))).toMatchObject({
    code: 'ERR_SECRET_CONFIG',
    message: 'Subscribe needs the package @aws-sdk/client-sns. npm install @aws-sdk/client-sns',
    hint: 'npm install @aws-sdk/client-sns',
  })
})

test.each([
  ['AuthorizationError', 'client', 'ERR_SECRET_ACCESS_DENIED'],
  ['AccessDeniedException', 'client', 'ERR_SECRET_ACCESS_DENIED'],
  ['Throttled', 'client', 'ERR_SECRET_THROTTLED'],
  ['InvalidParameter', 'client', 'ERR_SECRET_REQUEST'],
  ['InternalError', 'server', 'ERR_SECRET_UNAVAILABLE'],
] as const)('%s, the fault of the %s, is told with its message as %s', (name, fault, code) => {
  const failure = callFailure('Subscribe', serviceException(name, 'what the service said', fault))
  expect(failure).toMatchObject({ code, message: 'Subscribe failed: what the service said', cause: { name } })
})

test('of a signature that is wrong the request is not repeated, which has the session token', () => {
  const quoted = "The signature is wrong.\nThe Canonical String should have been 'x-amz-security-token:hunter2'"
  const failure = callFailure('Subscribe', serviceException('InvalidSignatureException', quoted))
  expect(failure.message).toBe('Subscribe failed: The signature is wrong.')
  expect(JSON.stringify(failure)).not.toContain('hunter2')
})

test('of what a service says the first thousand characters are repeated', () => {
  const failure = callFailure('Subscribe', serviceException('InvalidParameter', 'x'.repeat(2_000)))
  expect((failure.cause as Error).message).toBe('x'.repeat(1_000))
})

test.each([
  [
    'an exception whose message is none',
    Object.assign(serviceException('InvalidParameter'), { message: { toString: () => 'hunter2' } }),
  ],
  ['an exception without a name', Object.assign(new Error('hunter2'), { name: undefined, $fault: 'client' })],
  ['an exception with a name of two lines', serviceException('hunter2\nInvalidParameter', 'hunter2')],
  ['an error of another kind', new Error('https://user:hunter2@proxy')],
  ['an exception with an odd name', serviceException('hunter2 <b>', 'hunter2')],
  ['nothing', undefined],
  ['text', 'hunter2'],
])('of %s nothing is repeated', (_, thrown) => {
  const failure = callFailure('Subscribe', thrown)
  expect(failure.code).toMatch(/^ERR_SECRET_/)
  expect(`${failure.stack} ${(failure.cause as Error).stack}`).not.toContain('hunter2')
})
