import { attributeChanges, type SettingChange, settingChanges } from './carry-over.js'
import type { HandOver } from './hand-over.js'
import { identifier } from './quoting.js'
import { membershipOptions, type Role } from './roles.js'
import { type Pair, requireSamePair } from './same-pair.js'

/** Statements in the order of their transactions. */
export interface Takeover {
  link: string[]
  /** Each of them may be denied to the master. */
  settings: SettingChange[]
  /** Who hands over to whom in the secret's database; undefined if there is nothing to hand over. */
  handOver: HandOver | undefined
  /** Whether it is the second user, who is to work as what the first works as. */
  isClone: boolean
  finish: string[]
  /** Attributes that the master may not give. */
  withheld: string[]
}

/**
 * The statements that make `username` able to take over from `like`, its password last.
 *
 * The other user of a pair is a member of the first and works as it, or as what the first itself works as (`SET role` at every login), so
 * that whatever either of them makes has one owner and is there for both. Objects that the clone made before that are handed over: after it has become a
 * member, and before it works as the first, so that it can use them throughout.
 */
export function takeover(pair: Pair, roles: readonly Role[], verifier: string): Takeover {
  requireSamePair(pair, roles)
  const { username, like, isFirst } = pair
  const target = roles.find(({ name }) => name === username)
  const current = roles.find(({ name }) => name === like)
  const password = `ALTER ROLE ${identifier(username)} PASSWORD '${verifier}'`
  const alone = { link: [], settings: [], isClone: false, finish: [password], withheld: [] }
  // AWS's template may have linked them the other way round: they stay so.
  if (!isFirst && current?.memberOf.includes(username)) return { ...alone, handOver: handOverIfLinked(current, username) }
  if (isFirst) {
    const isReversed = target?.memberOf.includes(like)
    return { ...alone, handOver: isReversed ? handOverIfLinked(target, like) : handOverIfLinked(current, username) }
  }
  if (current === undefined) throw new Error(`There is no role ${like}.`)
  return { ...linkClone(current, target, username), isClone: true, finish: [password] }
}

/** What the clone has to have before it works as the first user. */
function linkClone(first: Role, clone: Role | undefined, username: string): Omit<Takeover, 'isClone' | 'finish'> {
  const { statements, withheld } = attributeChanges(first, clone, username)
  const isLinked = clone?.memberOf.includes(first.name) && clone.worksAsOther
  const options = first.version < membershipOptions ? '' : ' WITH INHERIT TRUE, SET TRUE'
  return {
    link: [
      ...(clone === undefined ? [`CREATE ROLE ${identifier(username)} LOGIN`] : []),
      ...statements,
      ...(isLinked ? [] : [`GRANT ${identifier(first.name)} TO ${identifier(username)}${options}`]),
    ],
    settings: settingChanges(first, clone, username),
    handOver: handsOver(clone, first.name),
    withheld,
  }
}

/** A member that does not inherit would lose what it hands over. */
function handOverIfLinked(member: Role | undefined, owner: string): Takeover['handOver'] {
  return member?.memberOf.includes(owner) && member.worksAsOther ? handsOver(member, owner) : undefined
}

function handsOver(member: Role | undefined, owner: string): Takeover['handOver'] {
  if (!member?.ownsObjects) return undefined
  return { member, owner }
}
