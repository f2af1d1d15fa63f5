import { aText, checkOptions, hasMethod, type OptionRule, oneOf } from '../../core/options/check-options.js'
import { isPlainObject } from '../../core/secrets/plain-object.js'
import type { Clock } from '../../core/time/clock.js'
import { fakeRules } from '../fake-options.js'
import type { FakeSecretsManager } from '../fake-secrets-manager.js'
import type { ParameterType } from './parameter.js'

/** What a parameter of `FakeParameterStore` is, beside its value. */
export interface FakeParameterSettings {
  /** The type. An existing parameter keeps its type. @default 'SecureString' */
  type?: ParameterType | undefined
  /** The tier, which determines the maximum size of the value. @default 'Standard', or the tier of the version before */
  tier?: 'Standard' | 'Advanced' | 'Intelligent-Tiering' | undefined
  /** The description, which is in the events. @default none, or that of the version before */
  description?: string | undefined
  /** The KMS key of a SecureString. @default 'alias/aws/ssm', or that of the version before */
  keyId?: string | undefined
}

/** A parameter of `FakeParameterStore`. */
export interface FakeParameter extends FakeParameterSettings {
  /** The value; the items of a StringList separated by commas. */
  value: string
}

/** The options of `FakeParameterStore`. */
export interface FakeParameterStoreOptions {
  /** The Region in the ARNs. @default 'eu-west-1' */
  region?: string | undefined
  /** The account in the ARNs: twelve digits. @default '123456789012' */
  accountId?: string | undefined
  /** The clock for dates, delays and the rate limit. @default the machine's clock */
  clock?: Clock | undefined
  /** Parameters that exist from the start, by name: a value, or a value with settings. @default none */
  parameters?: Readonly<Record<string, string | FakeParameter>> | undefined
  /** The secrets that `/aws/reference/secretsmanager/…` refers to. Without it, reading such a name fails with `ERR_FAKE_UNEXPECTED`. */
  secrets?: FakeSecretsManager | undefined
  /**
   * How many calls of GetParameter, GetParameters and GetParametersByPath may succeed within a second; the others fail with
   * `ThrottlingException`. The service allows 40, unless the account has higher throughput. @default no limit
   */
  readsPerSecond?: number | undefined
}

const aPlainObject: OptionRule = value => (isPlainObject(value) ? undefined : 'an object of parameters by name')

const rules: Readonly<Record<keyof FakeParameterStoreOptions, OptionRule>> = {
  ...fakeRules,
  parameters: aPlainObject,
  secrets: value => (hasMethod(value, 'perform') ? undefined : 'a FakeSecretsManager'),
  readsPerSecond: value => (Number.isInteger(value) && Number(value) > 0 ? undefined : 'a whole number above 0'),
}

const settingsRules: Readonly<Record<keyof FakeParameterSettings, OptionRule>> = {
  type: oneOf('String', 'StringList', 'SecureString'),
  tier: oneOf('Standard', 'Advanced', 'Intelligent-Tiering'),
  description: aText,
  keyId: aText,
}

/** Throws a TypeError that names the invalid option. */
export function checkFakeParameterStoreOptions(options: FakeParameterStoreOptions): FakeParameterStoreOptions {
  checkOptions('FakeParameterStore', options, rules)
  return options
}

/** Throws a TypeError that names the invalid setting. */
export function checkSettings(settings: FakeParameterSettings): FakeParameterSettings {
  checkOptions('a parameter of FakeParameterStore', settings, settingsRules)
  return settings
}
