import { type FactoryProvider, Inject, Scope } from '@nestjs/common'
import { aFlag, checkOptions } from '../core/options/check-options.js'
import { SecretCache } from '../core/secret-cache.js'
import { checkSecretId } from '../core/secrets/secret-id.js'
import { InjectedSecret } from './injected-secret.js'
import { loadInjected } from './load-required.js'

/** Options of `@InjectSecret`. */
export interface InjectSecretOptions {
  /**
   * Whether the application starts if the secret cannot be loaded. What is injected is the same; a read of it rejects until the secret can
   * be loaded. A secret that is injected in several places is loaded at the start unless it is optional in all of them.
   * @default false
   */
  optional?: boolean | undefined
}

/** All ids that are injected anywhere: decorators run when their files are loaded, before there is an application. */
const injected = new Set<string>()
const required = new Set<string>()

/**
 * Injects a secret that follows its rotations, as an `InjectedSecret`, into a constructor's parameter or a property.
 *
 * There is nothing to register: `AwscurrentModule` provides every secret that an `@InjectSecret` names. The secret is loaded before the
 * class that it is injected into is created, and Nest does not start if that fails, unless the secret is `optional`. A secret that is named
 * only in classes that are not part of the application is not loaded.
 *
 * A module that `LazyModuleLoader` loads when the application already runs is too late for this: inject the `SecretCache` there. Throws
 * ERR_SECRET_REQUEST if the id is empty or no id of a secret.
 *
 * @example
 * class Payments {
 *   constructor(@InjectSecret('prod/api-key') private readonly apiKey: InjectedSecret) {}
 * }
 */
export function InjectSecret(secretId: string, options: InjectSecretOptions = {}): PropertyDecorator & ParameterDecorator {
  const token = getSecretToken(secretId)
  checkOptions('InjectSecret', options, { optional: aFlag })
  if (options.optional !== true) required.add(secretId)
  return Inject(token)
}

/**
 * The token of the secret that `@InjectSecret` injects: for the `inject` of a factory, and to replace the secret in a test.
 *
 * A secret that only a factory injects is not loaded at the start: read it in the factory. It is provided anew for each place that injects
 * it, so `app.resolve` gets it, and not `app.get`.
 *
 * @example
 * const replaced = { provide: getSecretToken('prod/api-key'), useValue: { getString: async () => 'key of the test' } }
 */
export function getSecretToken(secretId: string): string {
  checkSecretId(secretId)
  injected.add(secretId)
  return `Secret(${secretId})`
}

/** The providers of all secrets that are injected anywhere. */
export function secretProviders(): FactoryProvider<InjectedSecret>[] {
  return [...injected].map(secretId => {
    let isLoaded = false
    return {
      provide: getSecretToken(secretId),
      inject: [SecretCache],
      // Nest creates what is transient only where it is injected: other applications of the same sources may inject other secrets.
      scope: Scope.TRANSIENT,
      async useFactory(cache: SecretCache) {
        // Once: a provider that is created for each request must not fail because of a later outage.
        if (required.has(secretId) && !isLoaded) await loadInjected(cache, secretId)
        isLoaded = true
        return new InjectedSecret(cache, secretId)
      },
    }
  })
}
