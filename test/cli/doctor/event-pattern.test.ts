import { expect, test } from 'vitest'
import { matchesPattern } from '../../../src/cli/doctor/event-pattern.js'

const event = { source: 'aws.secretsmanager', resources: ['a', 'b'], detail: { name: 'prod/db', labelUpdated: 'AWSCURRENT' } }
const named = (matcher: unknown) => ({ detail: { name: [matcher] } })

test.each([
  [{}, true],
  [{ source: ['aws.secretsmanager'] }, true],
  [{ source: ['aws.s3'] }, false],
  [{ resources: ['b', 'c'] }, true],
  [named({ prefix: 'prod/' }), true],
  [named({ suffix: '/key' }), false],
  [named({ wildcard: 'prod/*' }), true],
  [named({ prefix: { 'equals-ignore-case': 'PROD/' } }), true],
  [named({ 'anything-but': ['prod/db'] }), false],
  [named({ 'anything-but': { prefix: 'test/' } }), true],
  [named({ exists: false }), false],
  [{ detail: { other: [{ exists: false }] } }, true],
  [{ $or: [named('x'), named('prod/db')] }, true],
  [named({ cidr: '10.0.0.0/8' }), undefined],
])('%j matches: %s', (pattern, matches) => {
  expect(matchesPattern(pattern, event)).toBe(matches)
})
