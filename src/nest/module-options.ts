import type { FactoryProvider, ModuleMetadata, Type } from '@nestjs/common'
import { aFlag, anything, checkOptions } from '../core/options/check-options.js'
import type { SecretCacheOptions } from '../core/options/options.js'
import { isPlainObject } from '../core/secrets/plain-object.js'

/** Options of `AwscurrentModule`: those of the `SecretCache`, and what to load before the application starts. */
export interface AwscurrentModuleOptions extends SecretCacheOptions {
  /**
   * The ids of secrets that are loaded before the application starts, with few calls, beside those that `@InjectSecret` names: those that
   * pools follow, or that are read from the `SecretCache`. Nest does not start if one of them cannot be loaded.
   * @default none
   */
  secrets?: readonly string[] | undefined
}

/** What `forRoot` and `forRootAsync` have in common. */
export interface AwscurrentModuleExtras {
  /** Whether every module can inject the cache and the secrets. If not, import the same module object where they are injected. @default true */
  isGlobal?: boolean | undefined
}

/** A class that creates the options, for `useClass` and `useExisting`. */
export interface AwscurrentOptionsFactory {
  /** Returns the options, or a promise of them. */
  createAwscurrentOptions(): AwscurrentModuleOptions | Promise<AwscurrentModuleOptions>
}

/** The argument of `forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface AwscurrentModuleAsyncOptions<Injected extends unknown[] = []> extends AwscurrentModuleExtras {
  /** The modules that provide what is injected. */
  imports?: ModuleMetadata['imports'] | undefined
  /** The tokens of the arguments of `useFactory`. */
  inject?: FactoryProvider['inject'] | undefined
  /** Returns the options, or a promise of them. */
  useFactory?: ((...injected: Injected) => AwscurrentModuleOptions | Promise<AwscurrentModuleOptions>) | undefined
  /** A class that creates the options; the module provides it. */
  useClass?: Type<AwscurrentOptionsFactory> | undefined
  /** The token of an existing provider that creates the options. */
  useExisting?: FactoryProvider['provide'] | undefined
}

const asyncRules = {
  imports: anything,
  inject: anything,
  useFactory: anything,
  useClass: anything,
  useExisting: anything,
  isGlobal: aFlag,
}

/** Checks the argument of `forRootAsync`. */
export function checkAsyncOptions(options: AwscurrentModuleAsyncOptions<never>): void {
  checkOptions('forRootAsync', options, asyncRules)
  const given = (['useFactory', 'useClass', 'useExisting'] as const).filter(name => options[name] !== undefined)
  if (given.length !== 1) {
    throw new TypeError(
      `forRootAsync needs one of useFactory, useClass and useExisting, and has ${given.length === 0 ? 'none' : given.join(' and ')}.`,
    )
  }
}

/** Checks what belongs to the module in the options that a factory may have made; the `SecretCache` checks the rest. */
export function checkModuleOptions(options: AwscurrentModuleOptions): void {
  if (!isPlainObject(options))
    throw new TypeError('The options of AwscurrentModule must be a plain object. Does the factory return it?')
  if (options.secrets !== undefined && !Array.isArray(options.secrets))
    throw new TypeError('secrets must be a list of secret ids.')
}
