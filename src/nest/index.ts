export { AwscurrentModule } from './awscurrent-module.js'
export { getSecretToken, InjectSecret, type InjectSecretOptions } from './inject-secret.js'
export { InjectedSecret } from './injected-secret.js'
export type {
  AwscurrentModuleAsyncOptions,
  AwscurrentModuleExtras,
  AwscurrentModuleOptions,
  AwscurrentOptionsFactory,
} from './module-options.js'
export { type CacheProviderOptions, provideWithCache } from './provide-with-cache.js'
