import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { CreateTopicCommand, SetTopicAttributesCommand, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { inject, onTestFinished, vi } from 'vitest'
import { command } from '../../../../src/cli/commands/doctor.js'
import type { Finding } from '../../../../src/cli/doctor/finding.js'
import { rotationEventPattern } from '../../../../src/core/rotations/rotation-event-pattern.js'
import { motoClient } from '../client.js'
import { eventBridgeClient, snsClient, sqsClient } from '../signal-clients.js'

const statement = (Service: string, Action: string, Resource: string, source: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service }, Action, Resource, Condition: { ArnEquals: { 'aws:SourceArn': source } } },
    ],
  })

/** What `wiring` made. */
type Wiring = Record<'name' | 'secretArn' | 'rule' | 'ruleArn' | 'topicArn' | 'queueUrl' | 'queueArn', string>

/** How the doctor ended. */
interface Examined {
  code: number
  text: string
  findings: Finding[]
  of(id: Finding['id']): Finding[]
}

/** A secret, its rule, topic and queue, with the policies that they need. */
export async function wiring(): Promise<Wiring> {
  const name = `doctor/${randomUUID()}`
  const rule = `doctor-${randomUUID()}`
  const { ARN: secretArn = '' } = await motoClient().send(new CreateSecretCommand({ Name: name, SecretString: 'hunter2' }))
  const { TopicArn = '' } = await snsClient.send(new CreateTopicCommand({ Name: rule }))
  const pattern = JSON.stringify(rotationEventPattern({ names: [name] }))
  const { RuleArn = '' } = await eventBridgeClient.send(new PutRuleCommand({ Name: rule, EventPattern: pattern }))
  await eventBridgeClient.send(new PutTargetsCommand({ Rule: rule, Targets: [{ Id: 'topic', Arn: TopicArn }] }))
  await setTopic(TopicArn, 'Policy', statement('events.amazonaws.com', 'sns:Publish', TopicArn, RuleArn))
  const { QueueUrl = '' } = await sqsClient.send(new CreateQueueCommand({ QueueName: rule }))
  const { Attributes } = await sqsClient.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  const queueArn = Attributes?.QueueArn ?? ''
  const Policy = statement('sns.amazonaws.com', 'sqs:SendMessage', queueArn, TopicArn)
  await sqsClient.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))
  await snsClient.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn }))
  return { name, secretArn, rule, ruleArn: RuleArn, topicArn: TopicArn, queueUrl: QueueUrl, queueArn }
}

export const setTopic = (TopicArn: string, AttributeName: string, AttributeValue: string): Promise<unknown> =>
  snsClient.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }))

/** Runs the doctor, with moto or what stands before it as its AWS. */
export async function doctor(args: string[], endpoint: string = inject('motoEndpoint')): Promise<Examined> {
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
  }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  const code = await command.run([...args, '--json'], { stdout, stderr, env: process.env, isTTY: false, signal })
  const text = String(stdout.read())
  const { findings } = JSON.parse(text) as { findings: Finding[] }
  return { code, text, findings, of: (id: Finding['id']) => findings.filter(finding => finding.id === id) }
}

/** A server before moto that responds in its place where `answer` returns something: what moto cannot do. */
export async function before(
  answer: (call: string, body: string) => { status: number; body: string } | undefined,
): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const call = String(request.headers['x-amz-target'] ?? new URLSearchParams(String(body)).get('Action'))
    const own = answer(call.split('.').at(-1)!, String(body))
    if (own !== undefined) {
      response.writeHead(own.status, { 'content-type': 'application/x-amz-json-1.1' }).end(own.body)
      return
    }
    const { host: _, connection: __, 'content-length': ___, expect: ____, ...headers } = request.headers as Record<string, string>
    const answered = await fetch(new URL(request.url ?? '/', inject('motoEndpoint')), { method: 'POST', headers, body })
    response.writeHead(answered.status, { 'content-type': answered.headers.get('content-type') ?? 'text/xml' })
    response.end(Buffer.from(await answered.arrayBuffer()))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An exception of the service in its JSON protocol. */
export const exception = (name: string, message: string): { status: number; body: string } => ({
  status: 400,
  body: JSON.stringify({ __type: name, message }),
})
