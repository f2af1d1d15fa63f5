import { aClock, aFunction, checkOptions, type OptionRule } from '../core/options/check-options.js'
import { isPlainObject } from '../core/secrets/plain-object.js'
import type { Clock } from '../core/time/clock.js'
import type { FakeSecretValue } from './rotated-value.js'
import type { RotationFunctionEvent } from './rotations.js'

/** The options of `FakeSecretsManager`. */
export interface FakeSecretsManagerOptions {
  /** The Region in the ARNs. @default 'eu-west-1' */
  region?: string | undefined
  /** The account in the ARNs: twelve digits. @default '123456789012' */
  accountId?: string | undefined
  /** The clock for dates, delays and recovery windows. @default the machine's clock */
  clock?: Clock | undefined
  /** Secrets that exist from the start, by name. @default none */
  secrets?: Readonly<Record<string, FakeSecretValue>> | undefined
  /**
   * The function that RotateSecret calls for each step, instead of a Lambda function. Without it, RotateSecret fails with
   * `AccessDeniedException`.
   */
  rotation?: ((event: RotationFunctionEvent) => unknown) | undefined
}

/** The rules of the options that every fake of a service has. */
export const fakeRules: { readonly [Option in 'region' | 'accountId' | 'clock']: OptionRule } = {
  region: value => (/^[a-z]+(-[a-z]+)+-\d+$/.test(String(value)) ? undefined : 'like eu-west-1'),
  accountId: value => (/^\d{12}$/.test(String(value)) ? undefined : 'twelve digits'),
  clock: aClock,
}

const rules: Readonly<Record<keyof FakeSecretsManagerOptions, OptionRule>> = {
  ...fakeRules,
  secrets: value => (isPlainObject(value) ? undefined : 'an object of secrets by name'),
  rotation: aFunction,
}

/** Throws a TypeError that names the invalid option. */
export function checkFakeOptions(options: FakeSecretsManagerOptions): FakeSecretsManagerOptions {
  checkOptions('FakeSecretsManager', options, rules)
  return options
}

/** The machine's clock for delayed responses: its timers keep the process alive, as a socket would. */
export const referencedClock: Required<Clock> = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  setTimeout(run, ms) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
