import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common'

type End = () => unknown

/** Ends what uses the cache, and then the cache, when the application ends. */
export class Shutdown implements OnApplicationShutdown {
  readonly #pools: End[] = []
  readonly #listeners: End[] = []
  readonly #caches: End[] = []

  /** Adds what logs in with a secret. It ends first, while the cache still reads secrets. */
  addPool(end: End): void {
    this.#pools.push(end)
  }

  /** Adds what the pools may need until they have ended, such as the listener to a queue. */
  addListener(end: End): void {
    this.#listeners.push(end)
  }

  /** Adds the cache, of which an application has one. */
  addCache(end: End): void {
    if (this.#caches.length > 0) {
      throw new TypeError(
        'AwscurrentModule has been imported with two configurations. Call forRoot or forRootAsync once, in the root module, and provide ' +
          'another SecretCache by a token of your own. In a test, replace the one of the application with overrideProvider(SecretCache).',
      )
    }
    this.#caches.push(end)
  }

  /** Ends everything, whatever fails, and rejects with the first failure. */
  async onApplicationShutdown(): Promise<void> {
    const failures: unknown[] = []
    for (const ends of [this.#pools, this.#listeners, this.#caches]) {
      const settled = await Promise.allSettled(ends.splice(0).map(async end => end()))
      failures.push(...settled.flatMap(result => (result.status === 'rejected' ? [result.reason] : [])))
    }
    if (failures.length > 0) throw failures[0]
  }
}

class AwscurrentShutdownModule {}

/**
 * The module with the `Shutdown` of an application: one, however many modules import it. It is global because Nest ends global modules
 * after all others, so whatever uses the cache has ended by then.
 */
export const shutdownModule: DynamicModule = {
  module: AwscurrentShutdownModule,
  global: true,
  providers: [{ provide: Shutdown, useFactory: () => new Shutdown() }],
  exports: [Shutdown],
}
