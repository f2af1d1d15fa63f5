import { expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { checkFollowOptions } from '../../src/pools/follow-options.js'
import { checkSwapOptions } from '../../src/swap/swap-options.js'
import { FakeSecretsManager } from '../../src/testing/index.js'

const cache = new SecretCache({ client: new FakeSecretsManager().client() })

it('the defaults of a pool are those that the docs state', () => {
  const { follow } = checkFollowOptions('createPool', { cache, secretId: 'db' }, {})
  expect(follow).toMatchObject({ retireSpreadMs: 500, tryPending: true, rotationWindowMs: 90_000, loginsAtOnce: 2 })
})

it('the defaults of a swap are those that the docs state', () => {
  const nothing = (): void => {}
  const checked = checkSwapOptions({ cache, secretId: 'db', create: nothing, verify: nothing, drain: nothing })
  expect(checked).toMatchObject({ tryPending: true, rotationWindowMs: 90_000, drainTimeoutMs: 30_000 })
})
