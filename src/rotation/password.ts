import { randomInt } from 'node:crypto'

/** How new passwords are made. */
export interface PasswordOptions {
  /** From 16 to 128 characters. @default 32 */
  length?: number | undefined
  /**
   * Who draws them: this process, from `node:crypto`, or the service, by GetRandomPassword (50 calls a second for an account).
   * @default 'local'
   */
  source?: 'local' | 'service' | undefined
}

const lowercase = 'abcdefghijklmnopqrstuvwxyz'
const uppercase = lowercase.toUpperCase()
const digits = '0123456789'

/** Punctuation that means nothing in a URL, a shell, a quoted string, a connection string or a .env file. */
const harmless = '-_.'

const types = [lowercase, uppercase, digits, harmless]
const alphabet = types.join('')

/** All other punctuation, as GetRandomPassword is to leave it out. */
export const excludedCharacters = '!"#$%&\'()*+,/:;<=>?@[\\]^`{|}~'

/**
 * A random password of ASCII letters, digits and `-_.`, with at least one of each type, as password rules ask for. It begins with a
 * letter: a leading dash would be an option to many programs. 32 characters are about 190 bits.
 */
export function randomPassword(length: number): string {
  for (;;) {
    const password = pick(lowercase + uppercase) + Array.from({ length: length - 1 }, () => pick(alphabet)).join('')
    // Drawing again keeps every password that is allowed equally likely; putting the types in would not.
    if (types.every(type => [...type].some(character => password.includes(character)))) return password
  }
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length))
}
