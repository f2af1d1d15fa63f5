import type { Aws, Rule } from './aws.js'
import { unchecked } from './call-error.js'
import { type Finding, ok, problem, unknown } from './finding.js'
import { sendStatement } from './statements.js'

/** A topic or queue that a rule sends to. */
export interface Route {
  readonly ruleArn: string
  readonly targetArn: string
  /** Whether a role of the target sends, and not EventBridge itself. */
  readonly hasRole: boolean
}

/** Do the rules lead to a topic or a queue: to `topicArn`, if that is given? */
export async function checkTargets(
  aws: Aws,
  rules: readonly Rule[],
  topicArn?: string,
): Promise<{ findings: Finding[]; routes: Route[] }> {
  const findings: Finding[] = []
  const routes: Route[] = []
  for (const rule of rules) {
    try {
      const targets = (await aws.targets(rule.name)).filter(({ arn }) => /^arn:[^:]*:s[nq]s:/.test(arn))
      for (const { arn, roleArn, changesEvent } of targets) {
        if (changesEvent) {
          const what = `The rule ${rule.name} sends a changed event to ${arn}: no cache can read it.`
          findings.push(problem('target', what, { remedy: 'Remove Input, InputPath and InputTransformer from the target.' }))
          continue
        }
        routes.push({ ruleArn: rule.arn, targetArn: arn, hasRole: roleArn !== undefined })
        findings.push(ok('target', `The rule ${rule.name} sends to ${arn}.`))
        if (roleArn !== undefined) findings.push(roleFinding(arn, roleArn))
      }
      if (targets.length === 0) findings.push(noTarget(rule, topicArn))
    } catch (error) {
      findings.push(
        unchecked('target', `Where the rule ${rule.name} sends to is unknown`, error, {
          action: 'events:ListTargetsByRule',
          resource: rule.arn,
        }),
      )
    }
  }
  if (topicArn !== undefined && routes.length > 0 && !routes.some(({ targetArn }) => targetArn === topicArn)) {
    findings.push(wrongTopic(rules[0] as Rule, topicArn))
  }
  return { findings, routes }
}

function noTarget(rule: Rule, topicArn = 'the-ARN-of-the-topic'): Finding {
  return problem('target', `The rule ${rule.name} sends to no topic and no queue.`, { remedy: putTarget(rule, topicArn) })
}

function wrongTopic(rule: Rule, topicArn: string): Finding {
  return problem('target', `No rule that matches sends to ${topicArn}.`, { remedy: putTarget(rule, topicArn) })
}

function putTarget(rule: Rule, topicArn: string): string {
  const [, , , region] = rule.arn.split(':')
  return `aws events put-targets --region ${region} --rule ${rule.name} --targets Id=awscurrent,Arn=${topicArn}`
}

function roleFinding(targetArn: string, roleArn: string): Finding {
  const isTopic = targetArn.includes(':sns:')
  const statement = { Effect: 'Allow', Action: isTopic ? 'sns:Publish' : 'sqs:SendMessage', Resource: targetArn }
  const what = `EventBridge sends to ${targetArn} as ${roleArn}, whose policies were not checked.`
  return unknown('target', what, { remedy: 'Its policy needs this statement:', statement })
}

/** The statement that lets EventBridge send to a target. */
export function sendByRule({ ruleArn, targetArn }: Route): object {
  const action = targetArn.includes(':sns:') ? 'sns:Publish' : 'sqs:SendMessage'
  return sendStatement('events.amazonaws.com', action, targetArn, ruleArn)
}
