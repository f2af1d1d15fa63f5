import { expectTypeOf, test } from 'vitest'
import type { SecretCache } from '../../src/index.js'
import { createSwap } from '../../src/swap/index.js'

declare const cache: SecretCache

test('the client is what create makes, and work answers what it answers', () => {
  const swap = createSwap({
    cache,
    secretId: 'prod/db',
    create: async secret => new Map([['key', secret.text()]]),
    verify: client => expectTypeOf(client).toEqualTypeOf<Map<string, string>>(),
    drain: client => client.clear(),
  })
  expectTypeOf(swap.use(client => client.size)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(swap.use(async client => client.get('key'))).toEqualTypeOf<Promise<string | undefined>>()
})

test('an event has the fields of its type', () => {
  const swap = createSwap({ cache, secretId: 'prod/db', create: () => 1, verify() {}, drain() {} })
  swap.on('retired', event => expectTypeOf(event.drained).toEqualTypeOf<boolean>())
  // @ts-expect-error: there is none of that name
  swap.on('rotated', () => {})
})
