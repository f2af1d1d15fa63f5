import { identifier, literal } from './quoting.js'
import { membershipOptions, type Role } from './roles.js'

/**
 * Attributes that the clone gets if the first user has them. It has the rights of SUPERUSER without it, because its sessions work as the
 * first user.
 */
const carried = ['CREATEDB', 'CREATEROLE', 'REPLICATION', 'BYPASSRLS']

/** The attributes of a role that `CREATE ROLE … LOGIN` has created. */
const plain = { attributes: ['INHERIT', 'LOGIN'], connectionLimit: -1, validUntil: null }

/** The statements that align a clone's attributes and limits with the first user's, and the attributes that the master may not give. */
export function attributeChanges(
  first: Role,
  clone: Role | undefined,
  username: string,
): { statements: string[]; withheld: string[] } {
  const { attributes, connectionLimit, validUntil } = clone ?? plain
  const given = carried.filter(attribute => first.attributes.includes(attribute) && !attributes.includes(attribute))
  const taken = carried.filter(attribute => !first.attributes.includes(attribute) && attributes.includes(attribute))
  const end = first.validUntil ?? 'infinity'
  const words = [
    ...['LOGIN', 'INHERIT'].filter(attribute => !attributes.includes(attribute)),
    ...given.filter(attribute => mayGive(first, attribute)),
    ...taken.filter(attribute => mayGive(first, attribute)).map(attribute => `NO${attribute}`),
    ...(first.connectionLimit === connectionLimit ? [] : [`CONNECTION LIMIT ${first.connectionLimit}`]),
    ...(end === (validUntil ?? 'infinity') ? [] : [`VALID UNTIL ${literal(end)}`]),
  ]
  return {
    statements: words.length === 0 ? [] : [`ALTER ROLE ${identifier(username)} ${words.join(' ')}`],
    withheld: given.filter(attribute => !mayGive(first, attribute)),
  }
}

function mayGive({ masterHas, version }: Role, attribute: string): boolean {
  if (masterHas.includes('SUPERUSER')) return true
  // Before version 16, CREATEROLE was enough for these two, and only a superuser could give the others.
  return version < membershipOptions ? ['CREATEDB', 'CREATEROLE'].includes(attribute) : masterHas.includes(attribute)
}

/** A setting to set or reset, with the statement that does it. */
export interface SettingChange {
  name: string
  statement: string
}

/** The role that a session works as is handled separately. */
const own = new Set(['role', 'session_authorization'])

/** The changes that align a clone's settings with the first user's: those for all databases and for single ones. */
export function settingChanges(first: Role, clone: Role | undefined, username: string): SettingChange[] {
  const wanted = settingsOf(first)
  const had = settingsOf(clone)
  const change = ({ database, name }: Setting, what: string): SettingChange => ({
    name,
    statement: `ALTER ROLE ${identifier(username)}${database === null ? '' : ` IN DATABASE ${identifier(database)}`} ${what}`,
  })
  const changes: SettingChange[] = []
  for (const [key, setting] of had) if (!wanted.has(key)) changes.push(change(setting, `RESET ${quotedName(setting)}`))
  for (const [key, setting] of wanted) {
    if (had.get(key)?.value !== setting.value) changes.push(change(setting, `SET ${quotedName(setting)} TO ${textOf(setting)}`))
  }
  return changes
}

interface Setting {
  database: string | null
  name: string
  value: string
}

function settingsOf(role: Role | undefined): Map<string, Setting> {
  const settings = new Map<string, Setting>()
  for (const [database, text] of role?.settings ?? []) {
    const at = text.indexOf('=')
    const name = text.slice(0, at)
    if (!own.has(name.toLowerCase()))
      settings.set(JSON.stringify([database, name]), { database, name, value: text.slice(at + 1) })
  }
  return settings
}

/** The name of an extension's setting consists of two names with a dot between them. */
const quotedName = ({ name }: Setting): string => name.split('.').map(identifier).join('.')

/**
 * The settings whose values PostgreSQL stores as a list of quoted names; extensions cannot have such settings. SET would take one text as
 * one name.
 */
const listsOfNames = new Set(['local_preload_libraries', 'search_path', 'session_preload_libraries', 'temp_tablespaces'])

function textOf({ name, value }: Setting): string {
  if (!listsOfNames.has(name.toLowerCase())) return literal(value)
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)].map(([plain, quoted]) => quoted?.replaceAll('""', '"') ?? plain)
  return names.length === 0 ? literal('') : names.map(literal).join(', ')
}
