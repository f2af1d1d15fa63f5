import { type Input, requiredText, text, texts } from '../../input.js'
import { ServiceError } from '../../service-error.js'
import { unexpected } from '../../unexpected.js'
import { latestOf, type Parameter, type ParameterVersion, versionOf } from '../parameter.js'

/** A parameter that matches, and the version of it that does. */
export interface Match {
  readonly parameter: Parameter
  readonly version: ParameterVersion
}

type FilterKey = 'Name' | 'Type' | 'KeyId' | 'Tier' | 'Label'
type Filter = (match: Match) => Match | undefined

/** What a filter compares. */
const compared: Readonly<Record<Exclude<FilterKey, 'Label'>, (match: Match) => string | undefined>> = {
  Name: ({ parameter }) => parameter.name,
  Type: ({ version }) => version.type,
  KeyId: ({ version }) => version.keyId,
  Tier: ({ version }) => version.tier,
}

const comparisons: Readonly<Record<string, (found: string, wanted: string) => boolean>> = {
  Equals: (found, wanted) => found === wanted,
  BeginsWith: (found, wanted) => found.startsWith(wanted),
  Contains: (found, wanted) => found.includes(wanted),
}

/** The parameters that match every filter; a parameter matches a filter with any of its values. */
export function matching(parameters: readonly Parameter[], filters: readonly Input[], keys: readonly FilterKey[]): Match[] {
  const compiled = filters.map(filter => compile(filter, keys))
  return parameters.flatMap(parameter => {
    const first: Match | undefined = { parameter, version: latestOf(parameter) }
    return compiled.reduce<Match | undefined>((match, filter) => match && filter(match), first) ?? []
  })
}

function compile(filter: Input, keys: readonly FilterKey[]): Filter {
  const key = requiredText(filter, 'Key', 132)
  const wanted = texts(filter, 'Values', 50) ?? []
  const option = text(filter, 'Option') ?? 'Equals'
  if (!isOneOf(key, keys)) {
    throw new ServiceError(
      'InvalidFilterKey',
      `The following filter key is not valid: ${key}. Valid filter keys include: [${keys.join(', ')}].`,
    )
  }
  if (key === 'Label') return byLabel(wanted)
  const compare = Object.hasOwn(comparisons, option) ? comparisons[option] : undefined
  if (compare === undefined) throw unexpected(`FakeParameterStore has no filter option ${option}.`, Object.keys(comparisons))
  return match => (wanted.some(value => compare(compared[key](match) ?? '', value)) ? match : undefined)
}

/** A label selects the version that has it. */
function byLabel(wanted: readonly string[]): Filter {
  return ({ parameter }) => {
    const version = wanted.flatMap(label => versionOf(parameter, parameter.labels.get(label) ?? 0) ?? [])[0]
    return version && { parameter, version }
  }
}

function isOneOf(key: string, keys: readonly FilterKey[]): key is FilterKey {
  return keys.some(known => known === key)
}
