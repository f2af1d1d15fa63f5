import type { Clock } from '../time/clock.js'

/** Says what an option must be; an empty answer means that the value is right. */
export type OptionRule = (value: unknown) => string | undefined

/** Checks options once. A mistake is a TypeError that names the option. */
export function checkOptions(owner: string, options: unknown, rules: Readonly<Record<string, OptionRule>>): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${owner} takes an object of options.`)
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined)
      throw new TypeError(`Unknown option ${name} of ${owner}. There are: ${Object.keys(rules).join(', ')}.`)
    const expected = value === undefined ? undefined : rule(value)
    if (expected !== undefined) throw new TypeError(`${name} must be ${expected}.`)
  }
}

export const aFlag: OptionRule = value => (typeof value === 'boolean' ? undefined : 'true or false')

export const aFunction: OptionRule = value => (typeof value === 'function' ? undefined : 'a function')

export const aText: OptionRule = value => (typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty')

export const aFiniteDuration: OptionRule = value =>
  typeof value === 'number' && value >= 0 && value < Infinity ? undefined : 'a finite number of milliseconds, 0 or more'

export const aDuration: OptionRule = value =>
  typeof value === 'number' && value > 0 ? undefined : 'a number of milliseconds above 0'

export const aClient: OptionRule = value =>
  hasMethod(value, 'send') ? undefined : 'a client of the AWS SDK v3, or anything with a send method'

export const aClock: OptionRule = value => {
  const isTimer = ['function', 'undefined'].includes(typeof (value as Partial<Clock> | null)?.setTimeout)
  return hasMethod(value, 'now') && isTimer ? undefined : 'an object with a now method and, if it wants, a setTimeout method'
}

export function hasMethod(value: unknown, name: string): boolean {
  return (
    (typeof value === 'object' || typeof value === 'function') && value !== null && typeof Reflect.get(value, name) === 'function'
  )
}
