// The fake Secrets Manager that service.mjs starts: its work must not be counted as the readers'.
import { FakeSecretsManager } from 'awscurrent/testing'

const fake = new FakeSecretsManager({ secrets: JSON.parse(process.argv[2]) })
const { endpoint } = await fake.listen()

process.on('message', ({ id, member, values }) => {
  const result = typeof fake[member] === 'function' ? fake[member](...values) : fake[member]
  process.send({ id, result: typeof result === 'function' ? undefined : result })
})
process.on('disconnect', () => process.exit())
process.send({ endpoint, region: fake.region })
