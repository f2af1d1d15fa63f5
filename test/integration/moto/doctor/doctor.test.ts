import { DisableRuleCommand, PutRuleCommand, RemoveTargetsCommand } from '@aws-sdk/client-eventbridge'
import { ListSubscriptionsByTopicCommand, SetSubscriptionAttributesCommand, SubscribeCommand } from '@aws-sdk/client-sns'
import { GetQueueAttributesCommand, ListQueuesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { eventBridgeClient, snsClient, sqsClient } from '../signal-clients.js'
import { before, doctor, exception, setTopic, wiring } from './world.js'

/** The policies of the queues that the tool, or a listener, has created for a topic. Other tests have theirs at the same time. */
async function ownQueuesOf(topicArn: string): Promise<string[]> {
  const { QueueUrls = [] } = await sqsClient.send(new ListQueuesCommand({ QueueNamePrefix: 'awscurrent-' }))
  const policies = QueueUrls.map(async QueueUrl => {
    const answer = sqsClient.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }))
    // One that is gone by now is none of this topic's.
    return (await answer.catch(() => undefined))?.Attributes?.Policy ?? ''
  })
  return (await Promise.all(policies)).filter(policy => policy.includes(topicArn))
}

const subscriptionsOf = async (TopicArn: string) =>
  (await snsClient.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions ?? []

test('all is well: each part is checked, a test event arrives, and nothing is left behind', async () => {
  const { name, topicArn, queueUrl, queueArn } = await wiring()
  const { code, findings, text } = await doctor([name, '--topic-arn', topicArn, '--queue', queueUrl])
  expect(findings.filter(({ status }) => status !== 'ok')).toEqual([])
  const ids = ['region', 'identity', 'read-current', 'key', 'read-pending', 'rule', 'target', 'topic-policy', 'subscription']
  expect(findings.map(({ id }) => id)).toEqual([...ids, 'queue-policy', 'test-event'])
  expect(code).toBe(0)
  expect(text).not.toContain('hunter2')
  expect((await subscriptionsOf(topicArn)).map(({ Endpoint }) => Endpoint)).toEqual([queueArn])
  expect(await ownQueuesOf(topicArn)).toEqual([])
})

test('a pattern that does not match is named, with the right one', async () => {
  const { name, rule } = await wiring()
  const EventPattern = JSON.stringify({ source: ['aws.secretsmanager'], detail: { name: [{ prefix: 'other/' }] } })
  await eventBridgeClient.send(new PutRuleCommand({ Name: rule, EventPattern }))
  const { code, of } = await doctor([name, '--no-test'])
  const found = of('rule').find(({ what }) => what.includes(rule))
  expect(found).toMatchObject({
    status: 'problem',
    what: expect.stringContaining('other/'),
    pattern: { detail: { labelUpdated: ['AWSCURRENT'], name: [name] } },
  })
  expect(code).toBe(1)
})

test('a disabled rule and a rule without a target are named', async () => {
  const { name, rule, topicArn } = await wiring()
  await eventBridgeClient.send(new DisableRuleCommand({ Name: rule }))
  const disabled = await doctor([name, '--no-test'])
  expect(disabled.of('rule')).toMatchObject([{ status: 'problem', what: `The rule ${rule} matches, but is disabled.` }])
  const other = await wiring()
  await eventBridgeClient.send(new RemoveTargetsCommand({ Rule: other.rule, Ids: ['topic'] }))
  const { of } = await doctor([other.name, '--no-test', '--topic-arn', topicArn])
  expect(of('target')).toMatchObject([{ status: 'problem', remedy: expect.stringContaining(`Id=awscurrent,Arn=${topicArn}`) }])
})

test('no rule at all is named', async () => {
  const { name } = await wiring()
  const endpoint = await before(call => (call === 'ListRules' ? { status: 200, body: '{"Rules":[]}' } : undefined))
  expect((await doctor([name, '--no-test'], endpoint)).of('rule')).toMatchObject([
    { status: 'problem', what: `No rule of the default event bus in eu-west-1 matches rotations of ${name}.` },
  ])
})

test("a topic's policy without the rule is named, with the statement", async () => {
  const { name, topicArn, ruleArn } = await wiring()
  await setTopic(topicArn, 'Policy', JSON.stringify({ Version: '2012-10-17', Statement: [] }))
  const { code, of } = await doctor([name, '--no-test'])
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: topicArn,
    Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
  }
  expect(of('topic-policy')).toMatchObject([{ status: 'problem', statement }])
  expect(code).toBe(1)
})

test("a topic's key that EventBridge cannot use is named", async () => {
  const { name, topicArn } = await wiring()
  await setTopic(topicArn, 'KmsMasterKeyId', 'alias/aws/sns')
  const { of } = await doctor([name, '--no-test'])
  const Condition = { StringEquals: { 'kms:EncryptionContext:aws:sns:topicArn': topicArn } }
  expect(of('topic-key')).toMatchObject([{ status: 'problem', statement: { Condition } }])
})

test("a queue's policy without the topic is named, and a queue that is not subscribed", async () => {
  const { name, topicArn, queueUrl, queueArn } = await wiring()
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] })
  await sqsClient.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: { Policy } }))
  const { of } = await doctor([name, '--no-test'])
  expect(of('queue-policy')).toMatchObject([
    { status: 'problem', statement: { Resource: queueArn, Condition: { ArnEquals: { 'aws:SourceArn': topicArn } } } },
  ])
  const other = await wiring()
  const elsewhere = await doctor([name, '--no-test', '--queue', other.queueUrl])
  expect(elsewhere.of('subscription')).toMatchObject([{ status: 'problem', remedy: expect.stringContaining(other.queueArn) }])
})

test('raw delivery to a URL is named', async () => {
  const { name, topicArn } = await wiring()
  const Endpoint = 'http://127.0.0.1:9/sns'
  const { SubscriptionArn } = await snsClient.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'http', Endpoint }))
  const raw = { SubscriptionArn, AttributeName: 'RawMessageDelivery', AttributeValue: 'true' }
  await snsClient.send(new SetSubscriptionAttributesCommand(raw))
  const { of } = await doctor([name, '--no-test', '--url', Endpoint])
  expect(of('raw-delivery')).toMatchObject([{ status: 'problem', remedy: expect.stringContaining(SubscriptionArn!) }])
})

test('a URL that has not confirmed its subscription is named', async () => {
  const { name } = await wiring()
  const Endpoint = 'https://orders.example.com/sns'
  const member = `<member><SubscriptionArn>PendingConfirmation</SubscriptionArn><Protocol>https</Protocol><Endpoint>${Endpoint}</Endpoint></member>`
  const result = `<ListSubscriptionsByTopicResult><Subscriptions>${member}</Subscriptions></ListSubscriptionsByTopicResult>`
  const body = `<ListSubscriptionsByTopicResponse>${result}</ListSubscriptionsByTopicResponse>`
  const endpoint = await before(call => (call === 'ListSubscriptionsByTopic' ? { status: 200, body } : undefined))
  const { of } = await doctor([name, '--no-test', '--url', Endpoint], endpoint)
  expect(of('subscription')).toMatchObject([{ status: 'problem', statement: { Action: 'sns:ConfirmSubscription' } }])
})

const denial = (stage: string) =>
  exception('AccessDeniedException', `User: x is not authorized to perform: secretsmanager:GetSecretValue (${stage})`)

test('no right for AWSPENDING is named, unless no pool needs it', async () => {
  const { name, secretArn } = await wiring()
  const endpoint = await before((call, body) =>
    call === 'GetSecretValue' && body.includes('AWSPENDING') ? denial('AWSPENDING') : undefined,
  )
  const { code, of } = await doctor([name, '--no-test'], endpoint)
  const statement = { Action: 'secretsmanager:GetSecretValue', Resource: secretArn.replace(/.{6}$/, '??????') }
  expect(of('read-pending')).toMatchObject([{ status: 'problem', statement }])
  expect(code).toBe(1)
  expect(await doctor([name, '--no-test', '--no-pools'], endpoint)).toMatchObject({ code: 0 })
})

test('a key that denies the reader is named', async () => {
  const { name } = await wiring()
  const endpoint = await before(call =>
    call === 'GetSecretValue' ? exception('AccessDeniedException', 'Access to KMS is not allowed') : undefined,
  )
  const { of } = await doctor([name, '--no-test'], endpoint)
  const Condition = { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' } }
  expect(of('key')).toMatchObject([{ status: 'problem', statement: { Action: 'kms:Decrypt', Condition } }])
})

test('the wrong Region is named', async () => {
  const { secretArn } = await wiring()
  const { of, code } = await doctor([secretArn.replace('eu-west-1', 'us-east-1'), '--no-test'])
  expect(of('region')).toMatchObject([{ status: 'problem', remedy: expect.stringContaining('AWS_REGION=us-east-1') }])
  expect(code).toBe(1)
})

test('another account is named, with the statement for the policy of the secret', async () => {
  const endpoint = await before(call => (call === 'GetSecretValue' ? denial('AWSCURRENT') : undefined))
  const arn = 'arn:aws:secretsmanager:eu-west-1:999999999999:secret:prod/db-AbCdEf'
  const { of } = await doctor([arn, '--no-test'], endpoint)
  expect(of('account')).toMatchObject([{ status: 'warning' }, { status: 'problem', statement: { Sid: 'LetAnotherAccountRead' } }])
  expect(of('rule')).toMatchObject([{ status: 'unknown' }])
})

test('where nothing answers, nothing is checked', async () => {
  const { code, findings } = await doctor(['prod/db'], 'http://127.0.0.1:9')
  expect(findings.filter(({ status, id }) => status !== 'unknown' && id !== 'region')).toEqual([])
  expect(code).toBe(3)
})
