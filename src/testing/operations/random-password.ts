import { randomInt } from 'node:crypto'
import { flag, type Input, text, whole } from '../input.js'
import { invalidParameter } from '../service-error.js'
import type { Operation } from './operation.js'

const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

/** The types of characters, each with the option that excludes it. */
const types = [
  ['ExcludeLowercase', 'abcdefghijklmnopqrstuvwxyz'],
  ['ExcludeUppercase', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  ['ExcludeNumbers', '0123456789'],
  ['ExcludePunctuation', punctuation],
] as const

/** GetRandomPassword: the result is random, unlike the ids of the fake. */
export const getRandomPassword: Operation = {
  members: ['PasswordLength', 'ExcludeCharacters', ...types.map(([option]) => option), 'IncludeSpace', 'RequireEachIncludedType'],
  run: input => ({ RandomPassword: randomPassword(input) }),
}

/** A password that follows the options of GetRandomPassword. */
export function randomPassword(input: Input): string {
  const length = whole(input, 'PasswordLength', 1, 4096) ?? 32
  const excluded = new Set(text(input, 'ExcludeCharacters') ?? '')
  const included: string[] = types.filter(([option]) => !flag(input, option)).map(([, characters]) => characters)
  if (flag(input, 'IncludeSpace')) included.push(' ')
  const alphabets = included.map(characters => [...characters].filter(character => !excluded.has(character)))
  const all = alphabets.flat()
  const required = (flag(input, 'RequireEachIncludedType') ?? true) ? alphabets : []
  if (all.length === 0 || required.some(alphabet => alphabet.length === 0)) {
    throw invalidParameter('The excluded characters leave nothing to make the password of.')
  }
  // moto has no such limit, only a minimum length of 4.
  if (required.length > length) throw invalidParameter('Password length is too short based on the required types.')
  const characters = [...required, ...Array.from({ length: length - required.length }, () => all)].map(pick)
  return shuffle(characters).join('')
}

function pick(alphabet: readonly string[]): string {
  return alphabet[randomInt(alphabet.length)] ?? ''
}

/** Fisher-Yates: a required character may be at any position. */
function shuffle(characters: string[]): string[] {
  for (let last = characters.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1)
    const held = characters[last] ?? ''
    characters[last] = characters[other] ?? ''
    characters[other] = held
  }
  return characters
}
