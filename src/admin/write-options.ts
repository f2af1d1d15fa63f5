import { aClient, aSignal, aText, type OptionRule } from '../core/options/check-options.js'
import type { AdminOptions } from './administered-cache.js'

/** Options of `createSecret`. */
export interface CreateSecretOptions extends AdminOptions {
  /** The description of the secret, shown in the console. Not confidential. */
  description?: string | undefined
  /** The KMS key that encrypts the secret. @default the key aws/secretsmanager, which no other account can use */
  kmsKeyId?: string | undefined
  /** Tags by name, for policies and cost allocation. Not confidential. */
  tags?: Readonly<Record<string, string>> | undefined
}

/** Options of `putSecretValue`. */
export interface PutSecretValueOptions extends AdminOptions {
  /** The staging labels of the new version. @default AWSCURRENT */
  versionStages?: readonly string[] | undefined
}

/** A token becomes the id of the version. */
const aToken: OptionRule = value =>
  typeof value === 'string' && value.length >= 32 && value.length <= 64 ? undefined : 'a string of 32 to 64 characters'

/** The rules of the options that all functions have. */
export const adminRules: Readonly<Record<keyof AdminOptions, OptionRule>> = {
  client: aClient,
  signal: aSignal,
  clientRequestToken: aToken,
}

export const createRules: Readonly<Record<string, OptionRule>> = {
  ...adminRules,
  description: aText,
  kmsKeyId: aText,
  tags: value => (isObject(value) && Object.values(value).every(tag => typeof tag === 'string') ? undefined : 'texts by name'),
}

export const putRules: Readonly<Record<string, OptionRule>> = {
  ...adminRules,
  versionStages: value =>
    Array.isArray(value) && value.length > 0 && value.every(stage => aText(stage) === undefined)
      ? undefined
      : 'a list of staging labels',
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
