import { aText, checkOptions, type OptionRule } from '../options/check-options.js'

/** Options of `rotationEventPattern`: which secrets the rule matches. Without any, it matches all secrets of the account and Region. */
export interface RotationEventPatternOptions {
  /** Names of secrets to match. */
  names?: readonly string[] | undefined
  /** Full ARNs of secrets to match. */
  arns?: readonly string[] | undefined
  /** The beginning of the names to match, such as `prod/`. */
  prefix?: string | undefined
  /** The staging label whose moves the rule matches. @default 'AWSCURRENT' */
  versionStage?: string | undefined
}

/** A name in an EventBridge pattern: an exact name, or the beginning of one. */
export type NameMatcher = string | { prefix: string }

/** An event pattern of EventBridge, for the `EventPattern` of a rule. */
export interface RotationEventPattern {
  /** The service that sends the event. */
  source: string[]
  /** The type of the event. */
  'detail-type': string[]
  /** The ARNs of the secrets. */
  resources?: string[]
  /** The label that has moved, and the names of the secrets. */
  detail: { labelUpdated: string[]; name?: NameMatcher[] }
  /** Names or ARNs, if the options have both. */
  $or?: [{ detail: { name: NameMatcher[] } }, { resources: string[] }]
}

// EventBridge rejects an empty list, and rightly so: it would match no secret at all.
const texts: OptionRule = value =>
  Array.isArray(value) && value.length > 0 && value.every(text => aText(text) === undefined)
    ? undefined
    : 'a list of strings that are not empty'

const rules = { names: texts, arns: texts, prefix: aText, versionStage: aText }

/**
 * Returns the pattern of an EventBridge rule that matches the rotations of your secrets.
 *
 * It matches the event that Secrets Manager itself sends when a staging label moves, which needs no CloudTrail trail, for each secret that
 * matches `names`, `prefix` or `arns`. The service sends no such event when a secret is deleted or restored: the cache notices that when
 * the TTL ends. Throws a TypeError for an invalid option.
 *
 * @example
 * import { EventBridgeClient, PutRuleCommand } from '@aws-sdk/client-eventbridge'
 *
 * const EventPattern = JSON.stringify(rotationEventPattern({ prefix: 'prod/' }))
 * await new EventBridgeClient().send(new PutRuleCommand({ Name: 'secret-rotations', EventPattern }))
 */
export function rotationEventPattern(options: RotationEventPatternOptions = {}): RotationEventPattern {
  checkOptions('rotationEventPattern', options, rules)
  const { names = [], arns, prefix, versionStage = 'AWSCURRENT' } = options
  const name: NameMatcher[] = [...names, ...(prefix === undefined ? [] : [{ prefix }])]
  const detail = { labelUpdated: [versionStage] }
  const pattern = { source: ['aws.secretsmanager'], 'detail-type': ['Secret Label Updated'] }
  if (arns === undefined) return { ...pattern, detail: { ...detail, ...(name.length > 0 && { name }) } }
  const resources = [...arns]
  if (name.length === 0) return { ...pattern, resources, detail }
  // As members of the same pattern, name and ARN would both have to match.
  return { ...pattern, detail, $or: [{ detail: { name } }, { resources }] }
}
