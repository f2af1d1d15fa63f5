import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { afterAll, expect, inject, test } from 'vitest'
import { motoClient } from './client.js'

const client = motoClient()
afterAll(() => client.destroy())

/** Calls a service of moto without its SDK; moto reads the service from what would be signed. */
async function call(service: string, init: { path?: string; method?: string; body?: string | URLSearchParams }): Promise<string> {
  const { path = '/', ...request } = init
  const authorization = `AWS4-HMAC-SHA256 Credential=nobody/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`
  const answer = await fetch(inject('motoEndpoint') + path, { method: 'POST', ...request, headers: { authorization } })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${service} answered ${answer.status}: ${text}`)
  return text
}

// moto passes over the rotation schedule; all else it makes.
test('the template of the example deploys, and lets Secrets Manager call the function', async () => {
  const name = randomUUID()
  const SecretString = JSON.stringify({ engine: 'postgres', host: 'db.example', username: 'app', password: 'one' })
  const { ARN } = await client.send(new CreateSecretCommand({ Name: name, SecretString }))
  const bucket = `code-${name}`
  const place = '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>'
  await call('s3', { path: `/${bucket}`, method: 'PUT', body: place })
  await call('s3', { path: `/${bucket}/rotate.zip`, method: 'PUT', body: 'not looked into' })
  const parameters = {
    SecretArn: String(ARN),
    MasterSecretArn: String(ARN),
    CodeBucket: bucket,
    CodeKey: 'rotate.zip',
    SubnetIds: 'subnet-1',
    SecurityGroupIds: 'sg-1',
  }
  const form = new URLSearchParams({
    Action: 'CreateStack',
    StackName: `rotation-${name}`,
    TemplateBody: readFileSync('examples/rotation-lambda/template.yaml', 'utf8'),
    'Capabilities.member.1': 'CAPABILITY_IAM',
  })
  for (const [index, [key, value]] of Object.entries(parameters).entries()) {
    form.set(`Parameters.member.${index + 1}.ParameterKey`, key)
    form.set(`Parameters.member.${index + 1}.ParameterValue`, value)
  }
  await call('cloudformation', { body: form })
  const stack = await call('cloudformation', {
    body: new URLSearchParams({ Action: 'DescribeStacks', StackName: `rotation-${name}` }),
  })
  expect(stack).toContain('<StackStatus>CREATE_COMPLETE</StackStatus>')
  const [, functionArn = ''] = stack.match(/<OutputValue>(.+?)<\/OutputValue>/) ?? []
  const policy = await call('lambda', { path: `/2015-03-31/functions/${functionArn}/policy`, method: 'GET' })
  expect(JSON.parse(JSON.parse(policy).Policy).Statement).toMatchObject([
    { Action: 'lambda:InvokeFunction', Principal: { Service: 'secretsmanager.amazonaws.com' }, Resource: functionArn },
  ])
})
