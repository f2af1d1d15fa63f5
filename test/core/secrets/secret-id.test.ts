import { expect, it } from 'vitest'
import {
  checkSecretId,
  inRegion,
  isPartialArnOf,
  looksLikeFullArn,
  mayBeOfOne,
  parseSecretArn,
} from '../../../src/core/secrets/secret-id.js'

const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'

it.each([
  [7, 'A secret id must be a string, not number.', undefined],
  [null, 'A secret id must be a string, not null.', undefined],
  ['', 'The secret id is empty.', 'Is the environment variable that should hold it set?'],
  ['x'.repeat(2_049), 'The secret id has 2049 characters; Secrets Manager accepts at most 2048.', undefined],
  [`${arn}:password::`, 'is not the ARN of a secret.', expect.stringContaining('resolve()')],
  [undefined, 'A secret id must be a string, not undefined.', 'Is the environment variable that should hold it set?'],
  ['arn:x', 'arn:x is not the ARN of a secret.', expect.stringMatching(/^It reads arn:aws:secretsmanager:.*resolve\(\)\.$/)],
])('an id that can be none is told with what to do: %s', (secretId, message, hint) => {
  const expected = { code: 'ERR_SECRET_REQUEST', message: expect.stringContaining(message), ...(hint !== undefined && { hint }) }
  expect(() => checkSecretId(secretId)).toThrow(expect.objectContaining(expected))
})

it.each(['x'.repeat(2_048), 'a', arn, arn.slice(0, -7), 'prod/arn:x'])('an id that may be one is taken: %s', secretId => {
  expect(checkSecretId(secretId)).toBeUndefined()
})

it.each([
  [arn, { region: 'eu-west-1', account: '123456789012', resource: 'prod/db-AbCdEf' }],
  [arn.replace('aws:', 'aws-us-gov:'), { region: 'eu-west-1', account: '123456789012', resource: 'prod/db-AbCdEf' }],
  [` ${arn}`, undefined],
  [`${arn}\nx`, undefined],
  [arn.replace('123456789012', '1234567890123'), undefined],
  [arn.replace('prod/db-AbCdEf', ''), undefined],
  [arn.replace('eu-west-1', ''), undefined],
])('%s is taken apart as %j', (text, parts) => {
  expect(parseSecretArn(text)).toEqual(parts)
})

it('the ARN of a replica differs in its Region alone, and what is no ARN stays as it is', () => {
  expect(inRegion(arn, 'us-east-1')).toBe(arn.replace('eu-west-1', 'us-east-1'))
  for (const other of ['prod/db', `x${arn}`, 'arn:aws:sqs:eu-west-1:1:q']) expect(inRegion(other, 'us-east-1')).toBe(other)
})

it('a partial ARN is one of the whole without its last seven characters, and no shorter', () => {
  const forms = [arn.slice(0, -7), arn.slice(0, -8), arn, `x${arn.slice(1, -7)}`]
  expect(forms.map(form => isPartialArnOf(form, arn))).toEqual([true, false, false, false])
})

it.each([
  [arn, true],
  [arn.slice(0, -7), false],
  [arn.slice(0, -1), false],
  [`${arn}/more`, false],
])('%s ends as a full ARN does: %s', (text, expected) => {
  expect(looksLikeFullArn(text)).toBe(expected)
})

const partialArn = arn.slice(0, -7)

it.each([
  ['prod/db', 'prod/db', undefined, true],
  ['prod/db', 'prod/other', undefined, false],
  ['prod/db', arn, undefined, true],
  ['prod/db', arn, '123456789012', true],
  ['prod/db', arn, '210987654321', false],
  ['prod/db', partialArn, '123456789012', true],
  ['prod/other', partialArn, '123456789012', false],
  ['prod/db-AbCdEf', arn, undefined, true],
  ['prod/db-AbCdEf', partialArn, undefined, false],
  [partialArn, arn, '210987654321', true],
  [arn, inRegion(arn, 'us-east-1'), undefined, true],
  [arn, arn.replace('123456789012', '210987654321'), undefined, false],
])('%s and %s may be of one secret, where plain names are those of account %s: %s', (one, other, ownAccount, expected) => {
  expect(mayBeOfOne(one, other, ownAccount)).toBe(expected)
  expect(mayBeOfOne(other, one, ownAccount)).toBe(expected)
})
