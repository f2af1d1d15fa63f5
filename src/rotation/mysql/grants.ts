import { RotationRefusal } from '../rotation-error.js'
import { type Account, accountName } from './dialect.js'

/**
 * A line of SHOW GRANTS, said of another account: privileges, roles, partial revokes and the options at its end (GRANT OPTION, ADMIN
 * OPTION, limits) are kept. What MariaDB adds of the first account's password and certificate is not.
 */
export function replayGrant(line: string, from: Account, to: Account): string {
  const bare = withoutQuoted(line)
  const preposition = / (?:TO|FROM|FOR) /.exec(bare)
  const start = preposition === null ? -1 : preposition.index + preposition[0].length
  const name = spellings(from).find(spelling => start !== -1 && line.startsWith(spelling, start))
  if (name === undefined) throw new RotationRefusal('SHOW GRANTS answered in an unknown form')
  const options = bare.indexOf(' WITH ', start + name.length)
  return line.slice(0, start) + accountName(to) + (options === -1 ? '' : line.slice(options))
}

/** The line with all that is quoted blotted out: a database may be called ` TO 'app'@'%'`, and a password's hash may hold any word. */
export function withoutQuoted(line: string): string {
  return line.replace(/`(?:[^`]|``)*`|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, quoted => '?'.repeat(quoted.length))
}

function spellings({ user, host }: Account): string[] {
  return ['`', "'", '"'].map(quote => {
    const [name, place] = [user, host].map(part => quote + part.replaceAll(quote, quote + quote) + quote)
    return `${name}@${place}`
  })
}
