import { rotationEventPattern } from '../../core/rotations/rotation-event-pattern.js'
import type { Aws, Rule } from './aws.js'
import { CallError, unchecked } from './call-error.js'
import { matchesPattern } from './event-pattern.js'
import { type Finding, ok, problem, unknown, warning } from './finding.js'
import { cloudTrailEvent, type ExaminedSecret, rotationEvent } from './secret.js'

/** Does a rule of EventBridge match the rotations of this secret? */
export async function checkRules(aws: Aws, secret: ExaminedSecret): Promise<{ findings: Finding[]; rules: Rule[] }> {
  const { partition, region, account } = secret
  let all: Rule[]
  try {
    all = await aws.rules()
  } catch (error) {
    const need = { action: 'events:ListRules', resource: `arn:${partition}:events:${region}:${account}:rule/*` }
    return { findings: [unchecked('rule', 'Whether a rule matches is unknown', error, need)], rules: [] }
  }
  const event = rotationEvent(secret)
  const judged = await Promise.all(all.map(async rule => ({ rule, matches: await doesMatch(aws, rule, event) })))
  const matching = judged.filter(({ matches }) => matches === true).map(({ rule }) => rule)
  const enabled = matching.filter(({ isEnabled }) => isEnabled)
  if (enabled.length > 0) {
    const findings = enabled.map(({ name }) => ok('rule', `The rule ${name} matches rotations of ${secret.name}.`))
    return { findings, rules: enabled }
  }
  const [disabled] = matching
  if (disabled !== undefined) {
    const remedy = `aws events enable-rule --name ${disabled.name} --region ${region}`
    return { findings: [problem('rule', `The rule ${disabled.name} matches, but is disabled.`, { remedy })], rules: [] }
  }
  const unclear = judged.filter(({ matches }) => matches === undefined)
  if (unclear.length > 0) return { findings: [unclearRule(unclear.map(({ rule }) => rule.name))], rules: [] }
  return withoutMatch(aws, all, secret)
}

async function withoutMatch(aws: Aws, all: Rule[], secret: ExaminedSecret): Promise<{ findings: Finding[]; rules: Rule[] }> {
  const event = cloudTrailEvent(secret)
  const judged = await Promise.all(all.map(async rule => ({ rule, matches: await doesMatch(aws, rule, event) })))
  const byTrail = judged.filter(({ rule, matches }) => matches === true && rule.isEnabled).map(({ rule }) => rule)
  const pattern = rotationEventPattern({ names: [secret.name] })
  if (byTrail.length > 0) {
    const what = `The rule ${byTrail[0]?.name} matches rotations only as CloudTrail reports them, which needs a trail, takes longer and is best effort.`
    return {
      findings: [warning('rule', what, { remedy: 'Give the rule the pattern of the native event:', pattern })],
      rules: byTrail,
    }
  }
  const near = all.filter(rule => rule.pattern.includes('secretsmanager'))
  const others = near.map(rule => `${rule.name} has ${rule.pattern}`).join('; ')
  const what = `No rule of the default event bus in ${secret.region} matches rotations of ${secret.name}${others && `: ${others}`}.`
  // A rule that is there may be the right one for other secrets.
  const remedy = `${near.length > 0 ? 'Correct the pattern of one of these, or add a rule' : 'Add a rule'}: ${putRule(secret)} with this pattern:`
  return { findings: [problem('rule', what, { remedy, pattern })], rules: [] }
}

function putRule({ region }: ExaminedSecret): string {
  return `aws events put-rule --name secret-rotations --region ${region} --event-pattern file://pattern.json`
}

function unclearRule(names: string[]): Finding {
  const what = `Whether the rule ${names.join(', ')} matches is unknown: TestEventPattern failed, and its pattern has an operator that the doctor does not know.`
  const statement = { Effect: 'Allow', Action: 'events:TestEventPattern', Resource: '*' }
  return unknown('rule', what, { remedy: 'Add this statement to a policy of whoever runs the doctor:', statement })
}

/** By the service itself; if it cannot be asked, by what is known of patterns here. */
async function doesMatch(aws: Aws, { pattern }: Rule, event: object): Promise<boolean | undefined> {
  // A rule for another service needs no call.
  const own = matchesPattern(parsed(pattern), event)
  if (own === false && !pattern.includes('secretsmanager')) return false
  try {
    return (await aws.testPattern(pattern, event)) ?? own
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    return own
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
