import {
  aClient,
  aFunction,
  anything,
  aText,
  checkOptions,
  hasMethod,
  type OptionRule,
  oneOf,
} from '../core/options/check-options.js'
import type { SecretsManagerClientLike } from '../core/options/options.js'
import type { RotationEngine, RotationLogEvent, RotationStrategy } from './engine.js'
import type { PasswordOptions } from './password.js'

/** The options of `createRotationHandler`. */
export interface RotationHandlerOptions {
  /** The engine for the system whose secret is rotated: `postgres()`, `mysql()`, or four functions of your own. */
  engine: RotationEngine
  /** Whether one user's password changes or two users alternate. @default 'single-user' */
  strategy?: RotationStrategy | undefined
  /** How new passwords are generated. @default 32 characters from `node:crypto` */
  password?: PasswordOptions | undefined
  /** A client of the AWS SDK. @default one that is created with the first call */
  client?: SecretsManagerClientLike | undefined
  /** The Region of that client; pass either `client` or `region`. @default the Region that the AWS SDK finds, such as AWS_REGION */
  region?: string | undefined
  /**
   * Called when a step has succeeded, when a connection is made without TLS, and when a rotation changes more or less than was requested.
   * Its own errors are ignored. @default no log
   */
  log?: ((event: RotationLogEvent) => unknown) | undefined
}

/** The options after they were checked. */
export type CheckedRotationOptions = Omit<RotationHandlerOptions, 'strategy' | 'password'> & {
  strategy: RotationStrategy
  password: { length: number; source: NonNullable<PasswordOptions['source']> }
}

const rules: Readonly<Record<keyof RotationHandlerOptions, OptionRule>> = {
  engine: value => {
    const missing = ['createSecret', 'setSecret', 'testSecret'].find(name => !hasMethod(value, name))
    return missing === undefined ? undefined : `an engine such as postgres({ pg }); it has no function ${missing}`
  },
  strategy: oneOf('single-user', 'alternating-users'),
  password: anything,
  client: aClient,
  region: aText,
  log: aFunction,
}

const passwordRules: Readonly<Record<keyof PasswordOptions, OptionRule>> = {
  length: value =>
    Number.isInteger(value) && (value as number) >= 16 && (value as number) <= 128 ? undefined : 'a whole number from 16 to 128',
  source: oneOf('local', 'service'),
}

/** Checks the options once. A mistake is a TypeError that names the option. */
export function checkRotationOptions(options: RotationHandlerOptions): CheckedRotationOptions {
  checkOptions('createRotationHandler', options, rules)
  if (options.engine === undefined) throw new TypeError('createRotationHandler needs an engine, such as postgres({ pg }).')
  checkOptions({ name: 'createRotationHandler', place: 'password' }, options.password ?? {}, passwordRules)
  if (options.client !== undefined && options.region !== undefined) {
    throw new TypeError('Pass client or region, not both: a client has its Region.')
  }
  const { length = 32, source = 'local' } = options.password ?? {}
  return { ...options, strategy: options.strategy ?? 'single-user', password: { length, source } }
}
