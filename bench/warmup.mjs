// Reading 200 secrets before traffic comes, the service 25 ms away. Over HTTP, with the real SDK.
import { BatchGetSecretValueCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { SecretCache } from 'awscurrent'
import { startService } from './support/service.mjs'
import { showWarmup } from './support/warmup-times.mjs'

const names = Array.from({ length: 200 }, (_, n) => `prod/secret-${n}`)
const service = await startService(Object.fromEntries(names.map(name => [name, name.padEnd(200, '.')])))
await service.inject({ delayMs: 25 })

const client = service.makeClient()
const batches = Array.from({ length: 10 }, (_, n) => names.slice(n * 20, n * 20 + 20))
const getBatch = batch => client.send(new BatchGetSecretValueCommand({ SecretIdList: batch }))
const getOne = name => client.send(new GetSecretValueCommand({ SecretId: name }))
const byHand = 'ten batch calls by hand, all at once'
const ways = {
  [byHand]: () => Promise.all(batches.map(getBatch)),
  'awscurrent warmup': () => new SecretCache({ client }).warmup(names),
  '200 GetSecretValue, all at once': () => Promise.all(names.map(getOne)),
}

await showWarmup('200 secrets', service, ways, { ours: 'awscurrent warmup', byHand })
service.stop()
process.exit()
