import { randomUUID } from 'node:crypto'
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { CreateTopicCommand, PublishCommand } from '@aws-sdk/client-sns'
import { GetQueueAttributesCommand, ListQueuesCommand } from '@aws-sdk/client-sqs'
import { afterAll, expect, inject, test } from 'vitest'
import { type ScriptProcess, startScript } from '../../support/typescript-process.js'
import { motoClient } from './client.js'
import { snsClient, sqsClient } from './signal-clients.js'

const client = motoClient()
afterAll(() => client.destroy())

/** A service as users write it: it reads a secret, listens to a queue of its own, and says what it holds. */
function service(secretId: string, topicArn: string): string {
  return `
    import { SecretCache } from 'awscurrent'
    import { listenToQueue } from 'awscurrent/sqs'
    const secrets = new SecretCache({ region: 'eu-west-1', ttlMs: 3_600_000 })
    console.log('holds', await secrets.getSecretString('${secretId}'))
    secrets.on('rotated', async () => console.log('holds', await secrets.getSecretString('${secretId}')))
    const listener = await listenToQueue(secrets, { topicArn: '${topicArn}' })
    process.on('SIGTERM', async () => {
      await listener.close()
      await secrets.close()
      console.log('closed', JSON.stringify(secrets.stats()))
    })
    console.log('listens')`
}

test('three instances in three processes hold the new version, each by a queue of its own that is gone when it ends', async () => {
  const id = `prod/${randomUUID()}`
  const { ARN: arn = '' } = await client.send(new CreateSecretCommand({ Name: id, SecretString: 'first' }))
  const { TopicArn: topicArn = '' } = await snsClient.send(new CreateTopicCommand({ Name: `rotations-${randomUUID()}` }))
  const env = { AWS_ENDPOINT_URL: inject('motoEndpoint'), AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing' }
  const instances: ScriptProcess[] = []
  try {
    for (let instance = 0; instance < 3; instance += 1) instances.push(await startScript(service(id, topicArn), env))
    await Promise.all(instances.map(instance => instance.said('listens')))

    const { VersionId: versionId } = await client.send(new PutSecretValueCommand({ SecretId: id, SecretString: 'second' }))
    // moto's rules deliver to no topic, so the test carries over the event that the service would send.
    const event = {
      version: '0',
      id: randomUUID(),
      source: 'aws.secretsmanager',
      'detail-type': 'Secret Label Updated',
      account: '123456789012',
      region: 'eu-west-1',
      time: new Date().toISOString(),
      resources: [arn],
      detail: { name: id, labelUpdated: 'AWSCURRENT', versionId },
    }
    await snsClient.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(event) }))
    await Promise.all(instances.map(instance => instance.said('holds second')))
    expect(JSON.stringify(event)).not.toContain('second')

    for (const { child } of instances) child.kill('SIGTERM')
    for (const ending of await Promise.all(instances.map(({ ended }) => ended))) {
      expect(ending).toMatchObject({ code: 0, stderr: expect.not.stringContaining('Error') })
      expect(ending.stdout).toContain('"rotations":1')
    }
    const { QueueUrls = [] } = await sqsClient.send(new ListQueuesCommand({ QueueNamePrefix: 'awscurrent-' }))
    const policies = await Promise.all(
      QueueUrls.map(
        async QueueUrl =>
          (await sqsClient.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }))).Attributes?.Policy,
      ),
    )
    expect(policies.filter(policy => policy?.includes(topicArn))).toEqual([])
  } finally {
    for (const { child } of instances) child.kill('SIGKILL')
    await Promise.all(instances.map(({ ended }) => ended))
  }
})
