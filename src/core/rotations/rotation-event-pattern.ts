import { aText, checkOptions, type OptionRule } from '../options/check-options.js'

/** Which secrets a rule listens to; all of the account and Region if nothing is said. */
export interface RotationEventPatternOptions {
  /** Names of secrets. */
  names?: readonly string[] | undefined
  /** Full ARNs of secrets. */
  arns?: readonly string[] | undefined
  /** What the names of the secrets begin with. */
  prefix?: string | undefined
  /** The staging label whose moves matter. @default 'AWSCURRENT' */
  versionStage?: string | undefined
}

/** How a pattern of EventBridge names a secret. */
export type NameMatcher = string | { prefix: string }

/** An event pattern of EventBridge: what a rule compares events with. */
export interface RotationEventPattern {
  /** The service that sends the event. */
  source: string[]
  /** The title of the event. */
  'detail-type': string[]
  /** The ARNs of the secrets. */
  resources?: string[]
  /** The label that has moved, and the names of the secrets. */
  detail: { labelUpdated: string[]; name?: NameMatcher[] }
  /** Names or ARNs, where both choose secrets. */
  $or?: [{ detail: { name: NameMatcher[] } }, { resources: string[] }]
}

// EventBridge takes an empty list for a mistake, and so it is: it would choose no secret at all.
const texts: OptionRule = value =>
  Array.isArray(value) && value.length > 0 && value.every(text => aText(text) === undefined)
    ? undefined
    : 'a list of strings that are not empty'

const rules = { names: texts, arns: texts, prefix: aText, versionStage: aText }

/**
 * The pattern of an EventBridge rule that lets the rotations of your secrets through.
 *
 * It matches the event that Secrets Manager itself sends when a staging label moves, which needs no CloudTrail trail. A secret that
 * matches `names`, `prefix` or `arns` is chosen. The service sends no such event when a secret is deleted or restored: that is noticed
 * at the end of the TTL.
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
  // Side by side in a pattern, name and ARN would both have to match.
  return { ...pattern, detail, $or: [{ detail: { name } }, { resources }] }
}
