import type { Clock } from '../core/time/clock.js'
import type { FakeSecretValue } from './rotated-value.js'
import type { RotationFunctionEvent } from './rotations.js'

/** What a `FakeSecretsManager` begins with. */
export interface FakeSecretsManagerOptions {
  /** @default 'eu-west-1' */
  region?: string
  /** Twelve digits. @default '123456789012' */
  accountId?: string
  /** Dates, delays and recovery windows go by it. @default the machine's clock */
  clock?: Clock
  /** Secrets that are there from the start, by name. */
  secrets?: Readonly<Record<string, FakeSecretValue>>
  /** What RotateSecret calls for each step, in the place of the Lambda function. Without it RotateSecret is refused. */
  rotation?: (event: RotationFunctionEvent) => unknown
}

const optionNames = ['region', 'accountId', 'clock', 'secrets', 'rotation']

/** Throws a TypeError that names the option which is wrong. */
export function checkOptions(options: FakeSecretsManagerOptions): FakeSecretsManagerOptions {
  for (const name of Object.keys(options)) {
    if (optionNames.includes(name)) continue
    throw new TypeError(`FakeSecretsManager has no option "${name}". There are: ${optionNames.join(', ')}.`)
  }
  const { accountId, region } = options
  if (accountId !== undefined && !/^\d{12}$/.test(accountId)) throw new TypeError('accountId must be twelve digits.')
  if (region !== undefined && !/^[a-z]+(-[a-z]+)+-\d+$/.test(region)) throw new TypeError('region must be like eu-west-1.')
  return options
}

/** The machine's clock, for answers on their way: they keep a process alive, as a socket would. */
export const referencedClock: Required<Clock> = {
  now: () => Date.now(),
  setTimeout(run, ms) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
