import type { SecretsManagerClientLike } from '../core/options/options.js'
import type { RotationEngine, RotationLogEvent, RotationStrategy } from './engine.js'
import type { PasswordOptions } from './password.js'

/** What `createRotationHandler` takes. */
export interface RotationHandlerOptions {
  /** What is rotated: `postgres()`, `mysql()`, or four functions of your own. */
  engine: RotationEngine
  /** How the users take turns. @default 'single-user' */
  strategy?: RotationStrategy
  /** How new passwords are made. */
  password?: PasswordOptions
  /** A client of the AWS SDK. @default one that is made with the first call */
  client?: SecretsManagerClientLike
  /** The Region of the client that is made here. @default what the AWS SDK finds, such as AWS_REGION */
  region?: string
  /** Called when a step has ended well, or makes a connection without TLS. */
  log?: (event: RotationLogEvent) => unknown
}

type Rule = (value: unknown) => string | undefined

const rules: Readonly<Record<keyof RotationHandlerOptions, Rule>> = {
  engine: value => {
    const missing = ['createSecret', 'setSecret', 'testSecret'].find(name => !hasFunction(value, name))
    return missing === undefined ? undefined : `an engine such as postgres({ pg }); it has no function ${missing}`
  },
  strategy: oneOf('single-user', 'alternating-users'),
  password: value => (isObject(value) ? undefined : 'an object such as { length, source }'),
  client: value => (hasFunction(value, 'send') ? undefined : 'a SecretsManagerClient of the AWS SDK v3'),
  region: value => (typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty'),
  log: value => (typeof value === 'function' ? undefined : 'a function'),
}

const passwordRules: Readonly<Record<keyof PasswordOptions, Rule>> = {
  length: value =>
    Number.isInteger(value) && (value as number) >= 16 && (value as number) <= 128 ? undefined : 'a whole number from 16 to 128',
  source: oneOf('local', 'service'),
}

/** Checks the options once. A mistake is a TypeError that names the option. */
export function checkRotationOptions(options: RotationHandlerOptions): RotationHandlerOptions & {
  strategy: RotationStrategy
  password: Required<PasswordOptions>
} {
  if (!isObject(options)) throw new TypeError('createRotationHandler takes an object of options.')
  if (options.engine === undefined) throw new TypeError('createRotationHandler needs an engine, such as postgres({ pg }).')
  check(options, rules, '')
  check(options.password ?? {}, passwordRules, 'password.')
  if (options.client !== undefined && options.region !== undefined) {
    throw new TypeError('Pass client or region, not both: a client has its Region.')
  }
  const { length = 32, source = 'local' } = options.password ?? {}
  return { ...options, strategy: options.strategy ?? 'single-user', password: { length, source } }
}

function check(options: object, known: Readonly<Record<string, Rule>>, place: string): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = known[name]
    if (rule === undefined) {
      throw new TypeError(`createRotationHandler has no option "${place}${name}". There are: ${Object.keys(known).join(', ')}.`)
    }
    const expected = value === undefined ? undefined : rule(value)
    if (expected !== undefined) throw new TypeError(`${place}${name} must be ${expected}.`)
  }
}

function oneOf(...allowed: string[]): Rule {
  return value => (allowed.includes(value as string) ? undefined : `one of ${allowed.map(name => `'${name}'`).join(', ')}`)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hasFunction(value: unknown, name: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function'
}
