import { randomUUID } from 'node:crypto'
import { PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { parseRotationEvents } from '../../../src/core/rotations/parse-rotation-events.js'
import { type RotationEventPatternOptions, rotationEventPattern } from '../../../src/core/rotations/rotation-event-pattern.js'
import { eventBridgeClient, sqsClient } from './signal-clients.js'

const arnOf = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-Zx81Qw`

/** The names of the secrets whose events a rule with the pattern lets through. */
const letThrough = async (options: RotationEventPatternOptions, events: { name: string; label?: string }[]) => {
  const name = `rotations-${randomUUID()}`
  const { QueueUrl } = await sqsClient.send(new CreateQueueCommand({ QueueName: name }))
  const { Attributes } = await sqsClient.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  await eventBridgeClient.send(new PutRuleCommand({ Name: name, EventPattern: JSON.stringify(rotationEventPattern(options)) }))
  await eventBridgeClient.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: 'queue', Arn: Attributes?.QueueArn }] }))
  const Entries = events.map(({ name: secret, label = 'AWSCURRENT' }) => ({
    Source: 'aws.secretsmanager',
    DetailType: 'Secret Label Updated',
    Resources: [arnOf(secret)],
    Detail: JSON.stringify({ name: secret, labelUpdated: label, versionId: randomUUID() }),
  }))
  await eventBridgeClient.send(new PutEventsCommand({ Entries }))
  const { Messages = [] } = await sqsClient.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
  const found = Messages.flatMap(({ Body }) => parseRotationEvents(Body, { versionStage: 'AWSCURRENT' }))
  return found.flatMap(event => (event.kind === 'changed' ? [event.name] : [event.reason]))
}

test.each<[RotationEventPatternOptions, string[]]>([
  [{}, ['shop/db', 'shop/key', 'mail/key']],
  [{ prefix: 'shop/' }, ['shop/db', 'shop/key']],
  [{ names: ['shop/db', 'mail/key'] }, ['shop/db', 'mail/key']],
  [{ arns: [arnOf('shop/key')] }, ['shop/key']],
  [{ names: ['mail/key'], arns: [arnOf('shop/key')] }, ['shop/key', 'mail/key']],
])('a rule with the pattern for %j lets the right events through', async (options, names) => {
  const events = [{ name: 'shop/db' }, { name: 'shop/key' }, { name: 'mail/key' }]
  expect(await letThrough(options, events)).toEqual(names)
})

test('moves of other labels are not let through', async () => {
  expect(await letThrough({}, [{ name: 'shop/db', label: 'BLUE' }, { name: 'shop/key' }])).toEqual(['shop/key'])
})
