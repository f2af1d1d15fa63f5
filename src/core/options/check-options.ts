import { isPlainObject } from '../secrets/plain-object.js'
import type { Clock } from '../time/clock.js'
import { nearestName } from './nearest-name.js'

/** Returns what an option must be, or undefined if the value is valid. */
export type OptionRule = (value: unknown) => string | undefined

/** The rules of all known options, by name. */
export type OptionRules = Readonly<Record<string, OptionRule>>

/** Whose options are checked, and how the error messages name them. */
export interface OptionOwner {
  /** The function or class that has the options. */
  readonly name: string
  /** The option that they are nested in, such as `backoff`. */
  readonly place?: string
  /** Hints for options that other libraries have, by option name: what to do instead. */
  readonly instead?: Readonly<Record<string, string>>
}

/**
 * Checks the options of any function or class. A mistake throws a TypeError that names the option and, for an unknown name, the known one
 * that was probably meant. Every option may be undefined.
 *
 * Only plain objects are accepted: the options in a Map, a Date or an instance of a class would go unnoticed.
 */
export function checkOptions(owner: string | OptionOwner, options: unknown, rules: OptionRules): void {
  const whose = typeof owner === 'string' ? { name: owner } : owner
  const { name, place } = whose as OptionOwner
  if (!isPlainObject(options))
    throw new TypeError(place === undefined ? `${name} takes a plain object of options.` : `${place} must be a plain object.`)
  for (const [option, value] of Object.entries(options)) {
    const path = place === undefined ? option : `${place}.${option}`
    const rule = Object.hasOwn(rules, option) ? rules[option] : undefined
    if (rule === undefined) throw new TypeError(`Unknown option "${path}" of ${name}.${remedy(whose, option, rules)}`)
    const expected = value === undefined ? undefined : rule(value)
    if (expected !== undefined) throw new TypeError(`${path} must be ${expected}.`)
  }
}

/** A longer list of names does not help in an error message. */
const mostNames = 6

function remedy({ place, instead = {} }: OptionOwner, option: string, rules: OptionRules): string {
  if (Object.hasOwn(instead, option)) return ` ${instead[option]}`
  const names = Object.keys(rules)
  const meant = nearestName(option, names)
  if (meant !== undefined) return ` Did you mean "${place === undefined ? meant : `${place}.${meant}`}"?`
  return names.length > mostNames ? '' : ` Known options: ${names.join(', ')}.`
}

/** For options that are checked elsewhere. */
export const anything: OptionRule = () => undefined

export const aFlag: OptionRule = value => (typeof value === 'boolean' ? undefined : 'true or false')

export const aFunction: OptionRule = value => (typeof value === 'function' ? undefined : 'a function')

export const aText: OptionRule = value => (typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty')

export const aFiniteDuration: OptionRule = value =>
  typeof value === 'number' && value >= 0 && value < Infinity ? undefined : 'a finite number of milliseconds, 0 or more'

export const aDuration: OptionRule = value =>
  typeof value === 'number' && value > 0 ? undefined : 'a number of milliseconds above 0'

export const aClient: OptionRule = value =>
  hasMethod(value, 'send') ? undefined : 'a client of the AWS SDK v3, or anything with a send method'

export const aSignal: OptionRule = value => (hasMethod(value, 'addEventListener') ? undefined : 'an AbortSignal')

export const aClock: OptionRule = value => {
  const isTimer = ['function', 'undefined'].includes(typeof (value as Partial<Clock> | null)?.setTimeout)
  return hasMethod(value, 'now') && isTimer ? undefined : 'an object with a now method'
}

export function oneOf(...allowed: string[]): OptionRule {
  return value => (allowed.includes(value as string) ? undefined : `one of ${allowed.map(name => `'${name}'`).join(', ')}`)
}

export function hasMethod(value: unknown, name: string): boolean {
  return (
    (typeof value === 'object' || typeof value === 'function') && value !== null && typeof Reflect.get(value, name) === 'function'
  )
}
