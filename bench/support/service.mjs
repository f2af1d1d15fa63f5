import { setTimeout as sleep } from 'node:timers/promises'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { FakeSecretsManager } from 'awscurrent/testing'

export const secretId = 'prod/db'

/** A Secrets Manager in a process of its own would be fairer; in this one its time is everybody's alike. */
export async function startService(secrets = { [secretId]: { username: 'app', password: 'x'.repeat(150) } }) {
  const fake = new FakeSecretsManager({ secrets })
  const server = await fake.listen()
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  const makeClient = () => new SecretsManagerClient({ endpoint: server.endpoint, region: fake.region, credentials })
  return { fake, server, credentials, makeClient }
}

/** A source in this process: what is measured is the cache and nothing else. */
export function countingSource({ delayMs = 0 } = {}) {
  const source = {
    calls: 0,
    isDown: false,
    valueOf: () => '{"username":"app","password":"secret"}',
    async get({ secretId: id }) {
      source.calls += 1
      if (delayMs > 0) await sleep(delayMs)
      if (source.isDown) throw new Error('down')
      return {
        arn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${id}-AbCdEf`,
        name: id,
        versionId: 'v1',
        versionStages: ['AWSCURRENT'],
        string: source.valueOf(id),
      }
    },
  }
  return source
}
