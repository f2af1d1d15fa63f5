// From the start of a process to its first secret, over bare node: what a cold start of a function pays. Bundles by esbuild, in processes
// of their own, in turn; the service is a process beside them and answers at once.
import { fileURLToPath } from 'node:url'
import { timeProcesses } from './support/cold-processes.mjs'
import { showFigure, showTable } from './support/report.mjs'
import { startService } from './support/service.mjs'

const names = ['prod/db', 'prod/one', 'prod/two', 'prod/three']
const [first] = names
const value = 'x'.repeat(200)

const lite = `import { SecretCache } from 'awscurrent/cache'
  import { liteSource } from 'awscurrent/lite'
  const secrets = new SecretCache({ source: liteSource() })`
const ours = `import { SecretCache } from 'awscurrent'
  const secrets = new SecretCache()`
const sdk = `import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
  const client = new SecretsManagerClient({})
  const read = SecretId => client.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSCURRENT' }))`
const readFirst = `secrets.getSecretString('${first}').then(show)`
const warmUp = `secrets.warmup(${JSON.stringify(names)}).then(() => secrets.getSecretString('${first}')).then(show)`

/** What each process does; it calls `show` with the first secret. */
const scripts = {
  'bare node': `show('${value}')`,
  'SigV4 by hand, node:http': `import { readSecret } from './support/signed-by-hand.mjs'; readSecret('${first}').then(show)`,
  'liteSource alone': `import { liteSource } from 'awscurrent/lite'
    const request = { secretId: '${first}', versionStage: 'AWSCURRENT' }
    liteSource().get(request, new AbortController()).then(({ string }) => show(string))`,
  'awscurrent with lite': `${lite}; ${readFirst}`,
  'awscurrent with lite, 4 warmed': `${lite}; ${warmUp}`,
  'AWS SDK': `${sdk}; read('${first}').then(({ SecretString }) => show(SecretString))`,
  awscurrent: `${ours}; ${readFirst}`,
  'awscurrent, 4 warmed': `${ours}; ${warmUp}`,
  'powertools parameters': `import { getSecret } from '@aws-lambda-powertools/parameters/secrets'; getSecret('${first}').then(show)`,
}

const service = await startService(Object.fromEntries(names.map(name => [name, value])))
const { endpoint, region, credentials } = service.clientOptions
const env = {
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
}
const from = fileURLToPath(new URL('.', import.meta.url))
const { rows, ratio } = await timeProcesses(scripts, { from, env, isRight: result => result === value })
service.stop()

showTable('From the start of a process to its first secret', rows, {
  of: 'over bare node',
  note: 'Milliseconds over a bare Node, medians of 60 processes in turn.',
})
showFigure('awscurrent with lite over the AWS SDK', ratio('awscurrent with lite', 'AWS SDK'), 0.35, '×')
showFigure('liteSource alone over SigV4 by hand', ratio('liteSource alone', 'SigV4 by hand, node:http'), 1.5, '×')
showFigure('awscurrent with lite over SigV4 by hand', ratio('awscurrent with lite', 'SigV4 by hand, node:http'), 1.5, '×')
showFigure('awscurrent over the AWS SDK alone', ratio('awscurrent', 'AWS SDK'), 1.1, '×')
showFigure('four secrets warmed over one, lite', ratio('awscurrent with lite, 4 warmed', 'awscurrent with lite'), 1.3, '×')
showFigure('four secrets warmed over one, AWS SDK', ratio('awscurrent, 4 warmed', 'awscurrent'), 1.3, '×')
