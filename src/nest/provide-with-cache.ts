import type { FactoryProvider } from '@nestjs/common'
import { aFunction, anything, checkOptions, hasMethod } from '../core/options/check-options.js'
import { SecretCache } from '../core/secret-cache.js'
import { Shutdown } from './shutdown.js'

/** What `provideWithCache` takes: a factory provider of Nest whose factory gets the cache first. */
export interface CacheProviderOptions<T, Injected extends unknown[]> {
  /** The token to inject the result by. */
  provide: FactoryProvider['provide']
  /** Creates the pool, or whatever else uses the cache. */
  useFactory: (cache: SecretCache, ...injected: Injected) => T | Promise<T>
  /** The tokens of further arguments of the factory. */
  inject?: FactoryProvider['inject'] | undefined
  /** Ends the result when the application ends. @default its `end()`, or its `close()` */
  end?: ((created: T) => unknown) | undefined
}

/**
 * A provider of what is created with the cache and ends with the application: a pool, a swap, a keyring, a listener to a queue.
 *
 * When the application has answered its last request, what has an `end` function, or an `end` of its own here, ends first, then what has a
 * `close` function, then the cache. Do not end it yourself. Nest does not start if the result has neither and there is no `end`.
 *
 * @example
 * import { createPool } from 'awscurrent/pg'
 * import pg from 'pg'
 *
 * const database = provideWithCache({
 *   provide: 'DATABASE',
 *   useFactory: cache => createPool(pg, { cache, secretId: 'prod/db' }),
 * })
 */
export function provideWithCache<T, Injected extends unknown[] = []>(
  options: CacheProviderOptions<T, Injected>,
): FactoryProvider<T> {
  checkOptions('provideWithCache', options, { provide: anything, useFactory: aFunction, inject: anything, end: aFunction })
  const { provide, useFactory, inject = [], end } = options
  if (provide === undefined || useFactory === undefined) {
    throw new TypeError('provideWithCache needs a token, provide, and a factory, useFactory.')
  }
  return {
    provide,
    inject: [SecretCache, Shutdown, ...inject],
    async useFactory(cache: SecretCache, shutdown: Shutdown, ...injected: unknown[]) {
      const created = await useFactory(cache, ...(injected as Injected))
      if (end !== undefined) shutdown.addPool(() => end(created))
      else if (hasMethod(created, 'end')) shutdown.addPool(() => (created as { end(): unknown }).end())
      else if (hasMethod(created, 'close')) shutdown.addListener(() => (created as { close(): unknown }).close())
      else
        throw new TypeError(`What ${nameOf(provide)} provides has no end() and no close(): say with the option end how it ends.`)
      return created
    },
  }
}

function nameOf(token: FactoryProvider['provide']): string {
  return typeof token === 'function' ? token.name : String(token)
}
