/** What a policy says about one request of a service. `unknown` if that depends on a condition that the doctor cannot judge. */
export type Answer = 'allowed' | 'denied' | 'unknown'

/** A request of an AWS service: EventBridge publishes to a topic, SNS sends to a queue. */
export interface ServiceRequest {
  readonly service: string
  readonly action: string
  readonly resource: string
  /** The condition keys that the service passes, in lower case; all others are absent. */
  readonly context: Readonly<Record<string, string>>
}

type OneOrMore<T> = T | readonly T[]

interface Statement {
  readonly Effect?: string
  readonly Principal?: string | Readonly<Record<string, OneOrMore<string>>>
  readonly NotPrincipal?: unknown
  readonly Action?: OneOrMore<string>
  readonly NotAction?: OneOrMore<string>
  readonly Resource?: OneOrMore<string>
  readonly NotResource?: OneOrMore<string>
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore<string | boolean>>>>>
}

/** Whether the resource policy of a topic, queue or key lets a service do something. */
export function answerOf(policy: string, request: ServiceRequest): Answer {
  let statements: Statement[]
  try {
    statements = listOf((JSON.parse(policy || '{}') as { Statement?: OneOrMore<Statement> }).Statement ?? [])
  } catch {
    return 'unknown'
  }
  const matches = (effect: string): (boolean | undefined)[] =>
    statements.filter(({ Effect }) => Effect === effect).map(statement => applies(statement, request))
  const [denials, grants] = [matches('Deny'), matches('Allow')]
  if (denials.includes(true)) return 'denied'
  if (!grants.includes(true)) return grants.includes(undefined) ? 'unknown' : 'denied'
  return denials.includes(undefined) ? 'unknown' : 'allowed'
}

/** Undefined if it cannot be judged. */
function applies(statement: Statement, { service, action, resource, context }: ServiceRequest): boolean | undefined {
  const { Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition = {} } = statement
  if (NotPrincipal !== undefined) return undefined
  if (!isPrincipal(Principal, service)) return false
  if (Action !== undefined ? !isLike(Action, action, 'i') : isLike(NotAction ?? '*', action, 'i')) return false
  if (Resource !== undefined ? !isLike(Resource, resource) : NotResource !== undefined && isLike(NotResource, resource))
    return false
  const outcomes = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, wanted]) => isMet(operator, context[key.toLowerCase()], listOf(wanted).map(String))),
  )
  if (outcomes.includes(false)) return false
  return outcomes.includes(undefined) ? undefined : true
}

function isPrincipal(principal: Statement['Principal'], service: string): boolean {
  if (typeof principal !== 'object') return principal === '*'
  return listOf(principal.AWS ?? []).includes('*') || listOf(principal.Service ?? []).includes(service)
}

type Operator = (value: string, wanted: readonly string[]) => boolean

const equals: Operator = (value, wanted) => wanted.includes(value)
const isLikeOneOf: Operator = (value, wanted) => isLike(wanted, value)
const equalsInAnyCase: Operator = (value, wanted) => wanted.some(text => text.toLowerCase() === value.toLowerCase())

const operators: Readonly<Record<string, Operator>> = {
  StringEquals: equals,
  StringEqualsIgnoreCase: equalsInAnyCase,
  StringLike: isLikeOneOf,
  ArnEquals: isLikeOneOf,
  ArnLike: isLikeOneOf,
  Bool: equalsInAnyCase,
}

const negated: Readonly<Record<string, Operator>> = {
  StringNotEquals: equals,
  StringNotEqualsIgnoreCase: equalsInAnyCase,
  StringNotLike: isLikeOneOf,
  ArnNotEquals: isLikeOneOf,
  ArnNotLike: isLikeOneOf,
}

function isMet(operator: string, value: string | undefined, wanted: readonly string[]): boolean | undefined {
  if (operator === 'Null') return wanted.includes(String(value === undefined))
  const [, base = '', ifExists] = /^(.*?)(IfExists)?$/.exec(operator) ?? []
  const [positive, negative] = [operators[base], negated[base]]
  if (positive === undefined && negative === undefined) return undefined
  if (value === undefined) return ifExists !== undefined || negative !== undefined
  return positive !== undefined ? positive(value, wanted) : !negative?.(value, wanted)
}

/** Whether a text matches one of the patterns with `*` and `?`. */
function isLike(patterns: OneOrMore<string>, text: string, flags = ''): boolean {
  return listOf(patterns).some(pattern => {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
    return new RegExp(`^${escaped}$`, flags).test(text)
  })
}

function listOf<T>(value: OneOrMore<T>): T[] {
  return (Array.isArray(value) ? value : [value]) as T[]
}
