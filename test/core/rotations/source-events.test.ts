import { expect, it, vi } from 'vitest'
import { SecretCache, type SecretSource } from '../../../src/index.js'

const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/key-AbCdEf'

/** A source that tells of its changes. */
function tellingSource(): { source: SecretSource; tell: (event: unknown) => void; move: (versionId: string) => void } {
  let versionId = 'one'
  const listeners: ((event: unknown) => void)[] = []
  const source: SecretSource = {
    get: async () => ({ arn, name: 'prod/key', versionId, versionStages: ['AWSCURRENT'], string: versionId }),
    subscribe: onEvent => void listeners.push(onEvent),
  }
  const tell = (event: unknown): void => {
    for (const listener of listeners) listener(event)
  }
  const move = (to: string): void => {
    versionId = to
  }
  return { source, tell, move }
}

function labelUpdated(versionId: string): object {
  const detail = { labelUpdated: 'AWSCURRENT', versionId }
  return { source: 'aws.secretsmanager', 'detail-type': 'Secret Label Updated', resources: [arn], detail }
}

it('a source that notices a change by itself tells every cache that it serves', async () => {
  const { source, tell, move } = tellingSource()
  await using one = new SecretCache({ source })
  await using two = new SecretCache({ source })
  for (const cache of [one, two]) await cache.getSecretString('prod/key')
  move('two')
  tell(labelUpdated('two'))
  await vi.waitFor(() => expect([one, two].map(cache => cache.peek('prod/key')?.text())).toEqual(['two', 'two']), { interval: 1 })
  expect(one.stats()).toMatchObject({ loads: 2, rotations: 1 })
})

it('nonsense from a source, and what it tells a closed cache, changes nothing', async () => {
  const { source, tell } = tellingSource()
  const cache = new SecretCache({ source })
  await cache.getSecretString('prod/key')
  for (const nonsense of [undefined, 'no event', { detail: null }]) tell(nonsense)
  await cache.close()
  tell(labelUpdated('two'))
  expect(cache.stats()).toMatchObject({ loads: 1, failures: 0 })
})
