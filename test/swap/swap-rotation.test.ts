import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createSwap } from '../../src/swap/index.js'
import { settled } from '../support/deferred-source.js'
import { rotating } from '../support/rotating.js'

it.each([
  ['that are announced', true],
  ['that nobody announces', false],
])('no call of an API fails in rotations %s, though the old key ends before the new one is current', async (_, announced) => {
  let valid = 'first'
  const call = async (key: string): Promise<string> => {
    await settled()
    if (key !== valid) throw new Error('401')
    return key
  }
  const rotation = rotating(
    { key: valid },
    {
      engine: {
        createSecret: () => randomUUID(),
        setSecret({ pending }) {
          valid = pending
        },
        testSecret: ({ pending }) => call(pending),
      },
    },
  )
  await using cache = new SecretCache({ client: rotation.fake.client() })
  await using swap = createSwap({
    cache,
    secretId: 'key',
    create: secret => ({ key: secret.text(), drained: false }),
    verify: ({ key }) => call(key),
    drain(client) {
      client.drained = true
    },
    isAuthError: error => error instanceof Error && error.message === '401',
  })
  if (announced) rotation.fake.onEvent(event => cache.handleRotationEvent(event))

  // A version that has never worked has no window.
  await swap.use(() => {})
  const failures: unknown[] = []
  let [over, calls] = [false, 0]
  const work = async (): Promise<void> => {
    while (!over && failures.length < 100) {
      await swap
        .use(async client => {
          await call(client.key)
          if (client.drained) throw new Error('It was drained in the middle of work.')
          calls += 1
        })
        .catch(error => failures.push(error))
    }
  }
  const working = Promise.all(Array.from({ length: 10 }, work))
  for (let turn = 1; turn <= 3; turn += 1) {
    await rotation.rotate('key')
    const before = calls
    while (calls < before + 100 && failures.length === 0) await settled()
  }
  over = true
  await working
  expect([failures, await swap.use(({ key }) => key)]).toEqual([[], valid])
})
