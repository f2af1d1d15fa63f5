import { randomInt } from 'node:crypto'

/** How new passwords are generated. */
export interface PasswordOptions {
  /** The number of characters, from 16 to 128. @default 32 */
  length?: number | undefined
  /**
   * Where passwords are generated: `local` in this process, with `node:crypto`; `service` by GetRandomPassword (50 calls a second for an
   * account).
   * @default 'local'
   */
  source?: 'local' | 'service' | undefined
}

const lowercase = 'abcdefghijklmnopqrstuvwxyz'
const uppercase = lowercase.toUpperCase()
const digits = '0123456789'

/** Punctuation without a special meaning in a URL, a shell, a quoted string, a connection string or a .env file. */
const harmless = '-_.'

const types = [lowercase, uppercase, digits, harmless]
const alphabet = types.join('')

/** All other punctuation, which GetRandomPassword must exclude. */
export const excludedCharacters = '!"#$%&\'()*+,/:;<=>?@[\\]^`{|}~'

/**
 * A random password of ASCII letters, digits and `-_.`, with at least one of each type, as password rules require. It begins with a letter,
 * because many programs take a leading dash for an option. 32 characters have about 190 bits of entropy.
 */
export function randomPassword(length: number): string {
  for (;;) {
    const password = pick(lowercase + uppercase) + Array.from({ length: length - 1 }, () => pick(alphabet)).join('')
    // Drawing again keeps all allowed passwords equally likely; inserting the missing types would not.
    if (types.every(type => [...type].some(character => password.includes(character)))) return password
  }
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length))
}
