// A worker thread of a Lambda Managed Instance: a cache and a listener of its own, or a listener that the workers share.
import { parentPort, workerData } from 'node:worker_threads'
import { createLambdaCache, listenInOneWorker, withSecrets } from 'awscurrent/lambda'
import { listenToQueue } from 'awscurrent/sqs'

const { secretIds, ttlMs, queueUrl, isShared } = workerData
const secrets = createLambdaCache({ secrets: secretIds, ttlMs, ttlJitter: 0 })
const handler = withSecrets(secrets, () => Promise.all(secretIds.map(secretId => secrets.getSecretString(secretId))))
const listen = target => listenToQueue(target, { queueUrl })
await (isShared ? listenInOneWorker(secrets, { listen }) : listen(secrets))
await handler()

parentPort.on('message', async () => parentPort.postMessage(await handler()))
parentPort.postMessage('ready')
