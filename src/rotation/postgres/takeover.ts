import { attributeChanges, type SettingChange, settingChanges } from './carry-over.js'
import { keepsOwnWay } from './own-way.js'
import { identifier } from './quoting.js'
import { membershipOptions, type Role } from './roles.js'
import { type Pair, requireSamePair } from './same-pair.js'
import type { WorkRole } from './work-roles.js'

/** Statements of one transaction, in their order. */
export interface Takeover {
  link: string[]
  /** The master may be denied each of them. */
  settings: SettingChange[]
  /** Whether the sessions of the second user are to begin as the role that those of the first begin as. */
  worksAlike: boolean
  finish: string[]
  /** Attributes that the master may not give. */
  withheld: string[]
  /** Whether it is an existing second user that keeps its way of working. */
  keepsOwnWay: boolean
}

/**
 * The statements that make `username` able to take over from `like`, with its password last. `found`: as whom their sessions begin so far.
 *
 * The other user of a pair is a member of the first and works as it, or as what the first itself works as (`SET role` at every login), so
 * that whatever either of them makes has one owner and is there for both.
 */
export function takeover(pair: Pair, roles: readonly Role[], found: readonly WorkRole[], verifier: string): Takeover {
  requireSamePair(pair, roles)
  const { username, like, isFirst } = pair
  const clone = roles.find(({ name }) => name === username)
  const first = roles.find(({ name }) => name === like)
  const finish = [`ALTER ROLE ${identifier(username)} PASSWORD '${verifier}'`]
  const alone = { link: [], settings: [], worksAlike: false, finish, withheld: [], keepsOwnWay: false }
  // AWS's template may have linked them the other way round: they stay so.
  if (isFirst || first?.memberOf.includes(username)) return alone
  if (first === undefined) throw new Error(`There is no role ${like}.`)
  const membership = membershipIn(first, clone, username)
  if (clone !== undefined && keepsOwnWay(clone, first, found)) return { ...alone, link: membership, keepsOwnWay: true }
  const { statements, withheld } = attributeChanges(first, clone, username)
  const creation = clone === undefined ? [`CREATE ROLE ${identifier(username)} LOGIN`] : []
  const link = [...creation, ...statements, ...membership]
  return { ...alone, link, settings: settingChanges(first, clone, username), worksAlike: true, withheld }
}

/** By it the clone has the rights of the first user, and can work as it. */
function membershipIn(first: Role, clone: Role | undefined, username: string): string[] {
  if (clone?.memberOf.includes(first.name) && clone.worksAsOther) return []
  const options = first.version < membershipOptions ? '' : ' WITH INHERIT TRUE, SET TRUE'
  return [`GRANT ${identifier(first.name)} TO ${identifier(username)}${options}`]
}
