import { RotationRefusal } from '../rotation-error.js'
import { type Account, accountName, literal } from './dialect.js'

/** A line of SHOW GRANTS, without the account that it is about. */
export interface Grant {
  /** A partial revoke (`REVOKE`) restricts what the account has globally. */
  verb: 'GRANT' | 'REVOKE' | 'SET DEFAULT ROLE'
  /** Privileges, each with at most one column, or roles. GRANT OPTION on an object is one of its privileges. */
  items: string[]
  /** The object of the privileges, as it is written; empty for roles. */
  on: string
  /** The option that applies to each item: of roles, PROXY and MySQL's dynamic privileges. */
  option: '' | 'GRANT OPTION' | 'ADMIN OPTION'
}

const line = /^(GRANT|REVOKE|SET DEFAULT ROLE) (.*?)(?: ON (.*?))?( (?:TO|FROM|FOR) )/

/** Parses a line of SHOW GRANTS. What MariaDB adds about the account's password, certificate and limits is not part of a grant. */
export function readGrant(text: string, account: Account): Grant {
  const bare = withoutQuoted(text)
  const [start = '', verb, items = '', on, preposition = ''] = line.exec(bare) ?? []
  const name = spellings(account).find(spelling => verb !== undefined && text.startsWith(spelling, start.length))
  if (name === undefined) throw new RotationRefusal('SHOW GRANTS returned an unknown format')
  const itemsAt = `${verb} `.length
  const onAt = start.length - preposition.length - (on?.length ?? 0)
  const object = on === undefined ? '' : text.slice(onAt, onAt + on.length)
  const listed = itemsOf(text.slice(itemsAt, itemsAt + items.length))
  const option = /^.*? WITH .*?\b((?:GRANT|ADMIN) OPTION)\b/.exec(bare.slice(start.length + name.length))?.[1] ?? ''
  const grant = { verb: verb as Grant['verb'], on: object }
  if (option === '' || isForEachItem({ items: listed, on: object }))
    return { ...grant, items: listed, option: option as Grant['option'] }
  return { ...grant, items: [...listed, option], option: '' }
}

function isForEachItem({ items, on }: Pick<Grant, 'items' | 'on'>): boolean {
  return on === '' || items.some(item => item === 'PROXY' || (item.includes('_') && /^\w+$/.test(item)))
}

/** The items of a list; each column in parentheses becomes its own item. */
function itemsOf(list: string): string[] {
  return split(list).flatMap(item => {
    const columnsAt = withoutQuoted(item).indexOf(' (')
    if (columnsAt === -1) return [item]
    return split(item.slice(columnsAt + 2, -1)).map(column => `${item.slice(0, columnsAt)} (${column})`)
  })
}

/** Splits at commas that are neither quoted nor in parentheses. */
function split(list: string): string[] {
  const bare = withoutQuoted(list).replace(/\([^()]*\)/g, inside => '?'.repeat(inside.length))
  const parts: string[] = []
  let from = 0
  for (const part of bare.split(',')) {
    parts.push(list.slice(from, from + part.length).trim())
    from += part.length + 1
  }
  return parts
}

/** The statement that gives an account a grant or a restriction. */
export function grantStatement({ verb, items, on, option }: Grant, to: Account): string {
  const named = items.filter(item => item !== 'GRANT OPTION')
  const withOption = named.length < items.length ? 'GRANT OPTION' : option
  const object = on === '' ? '' : ` ON ${on}`
  const preposition = { GRANT: 'TO', REVOKE: 'FROM', 'SET DEFAULT ROLE': 'FOR' }[verb]
  const start = `${verb} ${named.join(', ') || 'USAGE'}${object} ${preposition} ${accountName(to)}`
  const statement = withOption === '' ? start : `${start} WITH ${withOption}`
  return on.startsWith('PACKAGE ') ? inOracleMode(statement) : statement
}

/**
 * Before 11.4, MariaDB supports packages only in this mode. It applies to this statement only, because it would change others in the
 * session.
 */
function inOracleMode(statement: string): string {
  return `SET STATEMENT sql_mode = 'ORACLE,NO_BACKSLASH_ESCAPES' FOR EXECUTE IMMEDIATE ${literal(statement)}`
}

/** A grant as text, without the account that has it. */
export function grantText({ items, on, option }: Grant): string {
  return [items.join(', '), on && `ON ${on}`, option && `WITH ${option}`].filter(Boolean).join(' ')
}

/** What some grants have beyond others: the same grants, without the items that the others also have. */
export function grantsBeyond(grants: readonly Grant[], others: readonly Grant[]): Grant[] {
  const beyond = grants.map(grant => {
    const alike = others.filter(({ verb, on }) => verb === grant.verb && on === grant.on)
    const has = (item: string): boolean =>
      alike.some(
        ({ items, option }) =>
          (grant.option === '' || grant.option === option) &&
          (items.includes(item) || (items.includes('ALL PRIVILEGES') && item !== 'GRANT OPTION')),
      )
    return { ...grant, items: grant.items.filter(item => item !== 'USAGE' && !has(item)) }
  })
  return beyond.filter(({ items }) => items.length > 0)
}

/** The restrictions among some grants that apply to global privileges in `others`. */
export function restrictionsOn(grants: readonly Grant[], others: readonly Grant[]): Grant[] {
  const everywhere = new Set(others.filter(isGlobal).flatMap(({ items }) => items))
  const restrictions = grants.filter(({ verb }) => verb === 'REVOKE')
  const kept = restrictions.map(grant => ({ ...grant, items: grant.items.filter(item => everywhere.has(item)) }))
  return kept.filter(({ items }) => items.length > 0)
}

/** Whether a grant is on all objects. */
export function isGlobal({ verb, on }: Grant): boolean {
  return verb === 'GRANT' && on === '*.*'
}

/** The line with everything that is quoted masked: a database may be called ` TO 'app'@'%'`, and a password's hash may contain any word. */
export function withoutQuoted(text: string): string {
  return text.replace(/`(?:[^`]|``)*`|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, quoted => '?'.repeat(quoted.length))
}

function spellings({ user, host }: Account): string[] {
  return ['`', "'", '"'].map(quote => {
    const [name, place] = [user, host].map(part => quote + part.replaceAll(quote, quote + quote) + quote)
    return `${name}@${place}`
  })
}
