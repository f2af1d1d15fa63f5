import { attributeChanges, type SettingChange, settingChanges } from './carry-over.js'
import { ownAffairs } from './own-affairs.js'
import { identifier } from './quoting.js'
import { membershipOptions, type Role } from './roles.js'
import { type Pair, requireSamePair } from './same-pair.js'

/** Statements of one transaction, in their order. */
export interface Takeover {
  link: string[]
  /** The master may be denied each of them. */
  settings: SettingChange[]
  /** Whether it is the second user, whose sessions are to work as the role that the first works as. */
  worksAlike: boolean
  finish: string[]
  /** Attributes that the master may not give. */
  withheld: string[]
  /** Why the second user works as itself. */
  ownAffairs: string | undefined
}

/**
 * The statements that make `username` able to take over from `like`, with its password last.
 *
 * The other user of a pair is a member of the first and works as it, or as what the first itself works as (`SET role` at every login), so
 * that whatever either of them makes has one owner and is there for both.
 */
export function takeover(pair: Pair, roles: readonly Role[], verifier: string): Takeover {
  requireSamePair(pair, roles)
  const { username, like, isFirst } = pair
  const target = roles.find(({ name }) => name === username)
  const current = roles.find(({ name }) => name === like)
  const finish = [`ALTER ROLE ${identifier(username)} PASSWORD '${verifier}'`]
  const alone = { link: [], settings: [], worksAlike: false, finish, withheld: [] }
  if (isFirst) return { ...alone, ownAffairs: target && current && ownAffairs(current, target) }
  if (current === undefined) throw new Error(`There is no role ${like}.`)
  // AWS's template may have linked them the other way round: they stay so.
  if (current.memberOf.includes(username)) return { ...alone, ownAffairs: undefined }
  const own = target && ownAffairs(target, current)
  const settings = own === undefined ? settingChanges(current, target, username) : []
  return { ...linkClone(current, target, username), settings, worksAlike: own === undefined, finish, ownAffairs: own }
}

/** What the clone needs before it works as the first user. */
function linkClone(first: Role, clone: Role | undefined, username: string): Pick<Takeover, 'link' | 'withheld'> {
  const { statements, withheld } = attributeChanges(first, clone, username)
  const isLinked = clone?.memberOf.includes(first.name) && clone.worksAsOther
  const options = first.version < membershipOptions ? '' : ' WITH INHERIT TRUE, SET TRUE'
  return {
    link: [
      ...(clone === undefined ? [`CREATE ROLE ${identifier(username)} LOGIN`] : []),
      ...statements,
      ...(isLinked ? [] : [`GRANT ${identifier(first.name)} TO ${identifier(username)}${options}`]),
    ],
    withheld,
  }
}
