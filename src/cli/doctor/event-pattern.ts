type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * Whether an event matches a pattern of EventBridge, or a filter policy of SNS for message bodies; undefined if the pattern uses an operator
 * that is not known here.
 */
export function matchesPattern(pattern: unknown, event: unknown): boolean | undefined {
  if (!isRecord(pattern)) return undefined
  return all(Object.entries(pattern), ([key, wanted]) => {
    if (key === '$or' && Array.isArray(wanted)) return any(wanted, branch => matchesPattern(branch, event))
    const value = isRecord(event) ? event[key] : undefined
    if (Array.isArray(wanted)) return any(wanted, matcher => matchesValue(matcher, value))
    return matchesPattern(wanted, value)
  })
}

/** In an event, a list matches if one of its elements does. */
function matchesValue(matcher: Json, value: Json | undefined): boolean | undefined {
  if (isRecord(matcher) && 'exists' in matcher) return (value !== undefined) === matcher.exists
  const values = Array.isArray(value) ? (value as Json[]) : value === undefined ? [] : [value as Json]
  return any(values, single => matchesSingle(matcher, single))
}

function matchesSingle(matcher: Json, value: Json): boolean | undefined {
  if (!isRecord(matcher)) return matcher === value
  const [[operator, operand] = ['', null], ...others] = Object.entries(matcher)
  if (others.length > 0) return undefined
  if (operator === 'anything-but') {
    const excluded = Array.isArray(operand) ? operand : [operand as Json]
    const isExcluded = any(excluded, one => matchesSingle(one, value))
    return isExcluded === undefined ? undefined : !isExcluded
  }
  if (isRecord(operand as Json) && 'equals-ignore-case' in (operand as object)) {
    return matchesText(operator, (operand as Record<string, Json>)['equals-ignore-case'] as Json, value, lower)
  }
  return matchesText(operator, operand as Json, value, operator === 'equals-ignore-case' ? lower : text => text)
}

const lower = (text: string): string => text.toLowerCase()

function matchesText(operator: string, operand: Json, value: Json, fold: (text: string) => string): boolean | undefined {
  if (typeof operand !== 'string') return undefined
  if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator)) return undefined
  if (typeof value !== 'string') return false
  const [text, wanted] = [fold(value), fold(operand)]
  if (operator === 'prefix') return text.startsWith(wanted)
  if (operator === 'suffix') return text.endsWith(wanted)
  if (operator === 'equals-ignore-case') return text === wanted
  const escaped = wanted.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${escaped}$`).test(text)
}

function all<T>(values: readonly T[], test: (value: T) => boolean | undefined): boolean | undefined {
  const outcomes = values.map(test)
  if (outcomes.includes(false)) return false
  return outcomes.includes(undefined) ? undefined : true
}

function any<T>(values: readonly T[], test: (value: T) => boolean | undefined): boolean | undefined {
  const outcomes = values.map(test)
  if (outcomes.includes(true)) return true
  return outcomes.includes(undefined) ? undefined : false
}

function isRecord(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
