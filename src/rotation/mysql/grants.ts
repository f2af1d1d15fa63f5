import { RotationRefusal } from '../rotation-error.js'
import { type Account, accountName, literal } from './dialect.js'

/** A row of mysql.user: an account and the certificate that it asks of clients. */
export interface AccountRow extends Account {
  tlsType: string
  cipher: string
  issuer: string
  subject: string
}

/** Reads the accounts of two users. */
export function accountsQuery(users: readonly string[]): string {
  const columns =
    'User AS user, Host AS host, ssl_type AS tlsType, ssl_cipher AS cipher, x509_issuer AS issuer, x509_subject AS subject'
  return `SELECT ${columns} FROM mysql.user WHERE User IN (${users.map(literal).join(', ')})`
}

/**
 * A line of SHOW GRANTS, said of another account: privileges, roles, partial revokes and the options at its end (GRANT OPTION, ADMIN
 * OPTION, limits) are kept. What MariaDB adds of the first account's password and certificate is not.
 */
export function replayGrant(line: string, from: Account, to: Account): string {
  const { start, end } = findAccount(line, from)
  return line.slice(0, start) + accountName(to) + optionsIn(line.slice(end))
}

/** What begins with the first WITH outside quotes: a password's hash may hold any word. A quote within quotes is doubled. */
function optionsIn(text: string): string {
  let at = 0
  for (const [index, piece] of text.split("'").entries()) {
    const found = index % 2 === 0 ? piece.indexOf(' WITH ') : -1
    if (found !== -1) return text.slice(at + found)
    at += piece.length + 1
  }
  return ''
}

/** The last TO, FROM or FOR before the account: a database may be called " TO ". */
function findAccount(line: string, account: Account): { start: number; end: number } {
  for (const preposition of [' TO ', ' FROM ', ' FOR ']) {
    for (const name of spellings(account)) {
      const at = line.lastIndexOf(preposition + name)
      if (at !== -1) return { start: at + preposition.length, end: at + preposition.length + name.length }
    }
  }
  throw new RotationRefusal('SHOW GRANTS answered in an unknown form')
}

function spellings({ user, host }: Account): string[] {
  return ['`', "'", '"'].map(quote => {
    const [name, place] = [user, host].map(part => quote + part.replaceAll(quote, quote + quote) + quote)
    return `${name}@${place}`
  })
}

/** What an account asks of its clients' connections. */
export function requirement({ tlsType, cipher, issuer, subject }: AccountRow): string {
  if (tlsType === 'ANY') return 'REQUIRE SSL'
  if (tlsType === 'X509') return 'REQUIRE X509'
  const parts = Object.entries({ CIPHER: cipher, ISSUER: issuer, SUBJECT: subject })
    .map(([name, value]) => [name, String(value)] as const)
    .filter(([, value]) => value !== '')
  return tlsType === '' || parts.length === 0
    ? 'REQUIRE NONE'
    : `REQUIRE ${parts.map(([name, value]) => `${name} ${literal(value)}`).join(' AND ')}`
}
