import { expectTypeOf, test } from 'vitest'
import type { Secret, SecretCache } from '../../src/index.js'
import { createSwap, type ExpiringLogin, type LoginSource, type Swap, type SwapOptions } from '../../src/swap/index.js'

declare const cache: SecretCache
declare const credentials: LoginSource

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

test('where create is not written first, the client is what the type of its secret, or the type argument, lets TypeScript know', () => {
  const typed = createSwap({
    verify: client => expectTypeOf(client).toEqualTypeOf<Map<string, string>>(),
    drain: client => client.clear(),
    create: async (secret: Secret) => new Map([['key', secret.text()]]),
    cache,
    secretId: 'prod/db',
  })
  expectTypeOf(typed.use(client => client.size)).toEqualTypeOf<Promise<number>>()
  const named = createSwap<Map<string, string>>({
    verify: client => expectTypeOf(client).toEqualTypeOf<Map<string, string>>(),
    drain: client => client.clear(),
    create: async secret => new Map([['key', secret.text()]]),
    cache,
    secretId: 'prod/db',
  })
  expectTypeOf(named).toEqualTypeOf<Swap<Map<string, string>>>()
  // @ts-expect-error: the client is unknown here, for TypeScript reads from left to right
  createSwap({ cache, secretId: 'x', verify: client => client.size, create: secret => new Map([[1, secret]]), drain() {} })
})

test('the options may be written beforehand, and the client may be named', () => {
  const options: SwapOptions<Date> = {
    cache,
    secretId: 'x',
    verify: client => client.getTime(),
    create: () => new Date(),
    drain() {},
  }
  expectTypeOf(createSwap(options)).toEqualTypeOf<Swap<Date>>()
  expectTypeOf(createSwap<Date>(options)).toEqualTypeOf<Swap<Date>>()
  const wrap = <Client>(create: () => Client): Swap<Client> =>
    createSwap({ cache, secretId: 'x', verify() {}, drain() {}, create })
  expectTypeOf(wrap(() => 1)).toEqualTypeOf<Swap<number>>()
  // @ts-expect-error: create makes a Date
  createSwap({ cache, secretId: 'x', create: () => new Date(), verify: (client: Map<string, string>) => client.size, drain() {} })
})

test('create gets a login in place of a secret where credentials are given', () => {
  const swap = createSwap({
    credentials,
    create(login) {
      expectTypeOf(login).toEqualTypeOf<ExpiringLogin>()
      return new Map([['key', login.password]])
    },
    verify: client => expectTypeOf(client).toEqualTypeOf<Map<string, string>>(),
    drain: client => client.clear(),
  })
  expectTypeOf(swap).toEqualTypeOf<Swap<Map<string, string>>>()
  createSwap({ cache, secretId: 'x', create: from => expectTypeOf(from).toEqualTypeOf<Secret>(), verify() {}, drain() {} })
  // @ts-expect-error: a login is no secret
  createSwap({ credentials, create: (secret: Secret) => secret.text(), verify() {}, drain() {} })
  // @ts-expect-error: either of the two
  createSwap({ credentials, cache, secretId: 'x', create: () => 1, verify() {}, drain() {} })
  // @ts-expect-error: no version of a secret is to come
  createSwap({ credentials, tryPending: true, create: () => 1, verify() {}, drain() {} })
})

test('an event has the fields of its type', () => {
  const swap = createSwap({ cache, secretId: 'prod/db', create: () => 1, verify() {}, drain() {} })
  swap.on('retired', event => expectTypeOf(event.drained).toEqualTypeOf<boolean>())
  // @ts-expect-error: there is none of that name
  swap.on('rotated', () => {})
})
