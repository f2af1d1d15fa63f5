// The fake service that service.mjs starts: its work must not be counted as the readers'.
import { FakeParameterStore, FakeSecretsManager } from 'awscurrent/testing'

const { secrets, parameters } = JSON.parse(process.argv[2])
const fake = parameters === undefined ? new FakeSecretsManager({ secrets }) : new FakeParameterStore({ parameters })
const { endpoint } = await fake.listen()

process.on('message', ({ id, member, values }) => {
  const result = typeof fake[member] === 'function' ? fake[member](...values) : fake[member]
  process.send({ id, result: typeof result === 'function' ? undefined : result })
})
process.on('disconnect', () => process.exit())
process.send({ endpoint, region: fake.region })
