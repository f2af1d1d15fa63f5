import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'

export const secretId = 'prod/db'

/** The value of each secret unless a benchmark brings its own. */
export const secretValue = { username: 'app', password: 'x'.repeat(150) }

/** A Secrets Manager over HTTP in a process of its own. */
export async function startService(secrets = { [secretId]: secretValue }) {
  const { clientOptions, ...service } = await startFake({ secrets })
  return { ...service, clientOptions, makeClient: () => new SecretsManagerClient(clientOptions) }
}

/** A Parameter Store over HTTP in a process of its own. */
export async function startParameterStore(parameters) {
  const { clientOptions, ...service } = await startFake({ parameters })
  return { ...service, makeClient: () => new SSMClient(clientOptions) }
}

async function startFake(holding) {
  const child = fork(fileURLToPath(new URL('service-process.mjs', import.meta.url)), [JSON.stringify(holding)])
  const [{ endpoint, region }] = await once(child, 'message')
  const pending = new Map()
  child.on('message', ({ id, result }) => {
    pending.get(id)(result)
    pending.delete(id)
  })
  let lastId = 0
  const ask = (member, ...values) =>
    new Promise(resolve => {
      lastId += 1
      pending.set(lastId, resolve)
      child.send({ id: lastId, member, values })
    })
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  return {
    clientOptions: { endpoint, region, credentials },
    inject: fault => ask('inject', fault),
    recover: () => ask('recover'),
    rotate: (id, value) => ask('rotate', id, value),
    resetCalls: () => ask('resetCalls'),
    count: () => ask('count'),
    calls: () => ask('calls'),
    stop: () => child.disconnect(),
  }
}

/** A source in this process, where what is measured is the cache and nothing else. */
export const instantSource = {
  async get({ secretId: id }) {
    return {
      arn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${id}-AbCdEf`,
      name: id,
      versionId: 'v1',
      versionStages: ['AWSCURRENT'],
      string: JSON.stringify(secretValue),
    }
  },
}
