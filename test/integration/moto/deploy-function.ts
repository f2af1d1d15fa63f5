import { readFileSync } from 'node:fs'
import { inject } from 'vitest'

/** Calls a service of moto without its SDK; moto reads the service from what would be signed. */
export async function call(
  service: string,
  init: { path?: string; method?: string; body?: string | URLSearchParams; headers?: Record<string, string> },
): Promise<string> {
  const { path = '/', headers, ...request } = init
  const authorization = `AWS4-HMAC-SHA256 Credential=nobody/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`
  const answer = await fetch(inject('motoEndpoint') + path, {
    method: 'POST',
    ...request,
    headers: { ...headers, authorization },
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${service} answered ${answer.status}: ${text}`)
  return text
}

/** A statement of a policy. */
export interface Statement {
  Sid?: string
  Effect: string
  Principal?: Record<string, string>
  Action: string | string[]
  Resource: string
  Condition?: Record<string, Record<string, unknown>>
}

/** The statements of a policy for roles. */
export async function statementsOfPolicy(arn: string): Promise<Statement[]> {
  const body = new URLSearchParams({ Action: 'GetPolicyVersion', PolicyArn: arn, VersionId: 'v1' })
  const [, document = ''] = /<Document>([^<]+)</.exec(await call('iam', { body })) ?? []
  return JSON.parse(decodeURIComponent(document)).Statement
}

/** The statements of a key's own policy. */
export async function statementsOfKey(arn: string): Promise<Statement[]> {
  const headers = { 'x-amz-target': 'TrentService.GetKeyPolicy', 'content-type': 'application/x-amz-json-1.1' }
  const answer = await call('kms', { headers, body: JSON.stringify({ KeyId: arn, PolicyName: 'default' }) })
  const { Policy } = JSON.parse(answer) as { Policy: string | { Statement: Statement[] } }
  // moto gives back what a template has given it as it came; AWS gives text.
  return (typeof Policy === 'string' ? JSON.parse(Policy) : Policy).Statement
}

/** A function that a template has made. */
export interface DeployedFunction {
  /** What CloudFormation says of the stack. */
  stack: string
  functionArn: string
  /** The statements of the function's resource policy. */
  statements: object[]
}

/** Deploys the template of an example whose only output is its function. `name` is that of the stack and of the code's bucket. */
export async function deployFunction(
  template: string,
  { name, ...parameters }: { name: string } & Record<string, string>,
): Promise<DeployedFunction> {
  const bucket = `code-${name}`
  const place = '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>'
  await call('s3', { path: `/${bucket}`, method: 'PUT', body: place })
  await call('s3', { path: `/${bucket}/code.zip`, method: 'PUT', body: 'not looked into' })
  const StackName = `stack-${name}`
  const form = new URLSearchParams({
    Action: 'CreateStack',
    StackName,
    TemplateBody: readFileSync(template, 'utf8'),
    'Capabilities.member.1': 'CAPABILITY_IAM',
  })
  const all = { ...parameters, CodeBucket: bucket, CodeKey: 'code.zip' }
  for (const [index, [key, value]] of Object.entries(all).entries()) {
    form.set(`Parameters.member.${index + 1}.ParameterKey`, key)
    form.set(`Parameters.member.${index + 1}.ParameterValue`, value)
  }
  await call('cloudformation', { body: form })
  const stack = await call('cloudformation', { body: new URLSearchParams({ Action: 'DescribeStacks', StackName }) })
  const [, functionArn = ''] = stack.match(/<OutputValue>(.+?)<\/OutputValue>/) ?? []
  const policy = await call('lambda', { path: `/2015-03-31/functions/${functionArn}/policy`, method: 'GET' })
  return { stack, functionArn, statements: JSON.parse(JSON.parse(policy).Policy).Statement }
}
