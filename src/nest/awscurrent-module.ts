import type { DynamicModule, FactoryProvider, InjectionToken, Provider } from '@nestjs/common'
import { aFlag, checkOptions } from '../core/options/check-options.js'
import { SecretCache } from '../core/secret-cache.js'
import { secretProviders } from './inject-secret.js'
import { loadListed } from './load-required.js'
import {
  type AwscurrentModuleAsyncOptions,
  type AwscurrentModuleExtras,
  type AwscurrentModuleOptions,
  type AwscurrentOptionsFactory,
  checkAsyncOptions,
  checkModuleOptions,
} from './module-options.js'
import { Shutdown, shutdownModule } from './shutdown.js'

const optionsToken = Symbol('options of AwscurrentModule')

/**
 * The NestJS module of an application's `SecretCache`. Import it once, in the root module.
 *
 * It provides the `SecretCache` by its class, and every secret that an `@InjectSecret` names. When the application ends, it ends what
 * `provideWithCache` has created, and then closes the cache: call `enableShutdownHooks`, so that a signal ends the application.
 *
 * Nest does not start if the options are wrong (a TypeError that names the option), or if a secret that it needs cannot be loaded (a
 * `SecretCacheError` with the code of the failure, which says how to start without that secret).
 *
 * @example
 * const module = AwscurrentModule.forRoot({ region: 'eu-west-1', secrets: ['prod/db'] })
 */
// biome-ignore lint/complexity/noStaticOnlyClass: Nest knows modules by their classes.
export class AwscurrentModule {
  /** Returns the module with a cache of these options. */
  static forRoot({ isGlobal, ...options }: AwscurrentModuleOptions & AwscurrentModuleExtras = {}): DynamicModule {
    checkOptions('forRoot', { isGlobal }, { isGlobal: aFlag })
    return moduleWith([{ provide: optionsToken, useValue: options }], isGlobal)
  }

  /**
   * Returns the module with a cache whose options come from other providers. Throws a TypeError unless it is given exactly one of
   * `useFactory`, `useClass` and `useExisting`.
   *
   * @example
   * const module = AwscurrentModule.forRootAsync({
   *   inject: ['REGION'],
   *   useFactory: (region: string) => ({ region }),
   * })
   */
  static forRootAsync<Injected extends unknown[] = []>(options: AwscurrentModuleAsyncOptions<Injected>): DynamicModule {
    checkAsyncOptions(options)
    const { imports, isGlobal, useClass } = options
    const own: Provider[] = useClass === undefined ? [] : [useClass]
    return moduleWith([...own, optionsProvider(options)], isGlobal, imports)
  }
}

function optionsProvider<Injected extends unknown[]>({
  inject = [],
  useFactory,
  useClass,
  useExisting,
}: AwscurrentModuleAsyncOptions<Injected>): FactoryProvider {
  if (useFactory !== undefined)
    return { provide: optionsToken, inject, useFactory: (...args) => useFactory(...(args as Injected)) }
  return {
    provide: optionsToken,
    inject: [(useClass ?? useExisting) as InjectionToken],
    useFactory: (factory: AwscurrentOptionsFactory) => factory.createAwscurrentOptions(),
  }
}

const cacheProvider: FactoryProvider<SecretCache> = {
  provide: SecretCache,
  inject: [optionsToken, Shutdown],
  async useFactory(given: AwscurrentModuleOptions, shutdown: Shutdown) {
    checkModuleOptions(given)
    const { secrets = [], ...options } = given
    const cache = new SecretCache(options)
    shutdown.addCache(() => cache.close())
    await loadListed(cache, secrets)
    return cache
  },
}

function moduleWith(
  ofOptions: Provider[],
  isGlobal: boolean | undefined,
  imports: AwscurrentModuleAsyncOptions['imports'] = [],
): DynamicModule {
  return {
    module: AwscurrentModule,
    global: isGlobal ?? true,
    imports: [...imports, shutdownModule],
    // Nest gets them when it scans the modules. Only then have all files been loaded that name a secret to inject.
    get providers() {
      return [...ofOptions, cacheProvider, ...secretProviders()]
    },
    get exports() {
      return [SecretCache, ...secretProviders().map(({ provide }) => provide)]
    },
  }
}
