import { expect, test } from 'vitest'
import { answerOf } from '../../../src/cli/doctor/policy.js'

const topic = 'arn:aws:sns:eu-west-1:123456789012:rotations'
const rule = 'arn:aws:events:eu-west-1:123456789012:rule/rotations'
const context = { 'aws:sourcearn': rule, 'aws:securetransport': 'true' }
const request = { service: 'events.amazonaws.com', action: 'sns:Publish', resource: topic, context }
const allow = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish', Resource: topic }
const deny = { Effect: 'Deny', Principal: '*', Action: 'sns:*', Resource: '*' }

test.each([
  ['allowed', [allow]],
  ['allowed', [{ ...allow, Action: 'SNS:Pub*', Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:rule/*' } } }]],
  ['allowed', [allow, { ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }]],
  ['denied', []],
  ['denied', [allow, deny]],
  ['denied', [{ ...allow, Principal: { Service: 'sns.amazonaws.com' } }]],
  ['denied', [{ ...allow, Condition: { ArnEquals: { 'aws:SourceArn': `${rule}-other` } } }]],
  ['denied', [{ ...allow, Principal: { AWS: '*' }, Condition: { StringEquals: { 'AWS:SourceOwner': '123456789012' } } }]],
  ['unknown', [{ ...allow, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }]],
])('a service is %s by %j', (answer, Statement) => {
  expect(answerOf(JSON.stringify({ Statement }), request)).toBe(answer)
})
