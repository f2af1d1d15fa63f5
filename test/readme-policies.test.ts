import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path/posix'
import { describe, expect, it } from 'vitest'
import { codeBlocks, readPage, readPages } from './package/readme.js'

interface Statement {
  Sid: string
  Effect: string
  Principal?: object
  Action: string | string[]
  Resource: string
  Condition?: Record<string, Record<string, string | string[]>>
}

const documentation = readPages()
  .map(({ text }) => text)
  .join('\n')
// The others are files of secrets.
const blocks = codeBlocks(documentation, 'json').filter(json => json.includes('"Effect"'))

/** What is called by AWS in the name of a role, by another service, or by who makes secrets. */
const calledByOthers = [
  'kms:Decrypt',
  'kms:GenerateDataKey',
  'kms:PutKeyPolicy',
  'lambda:InvokeFunction',
  'secretsmanager:PutResourcePolicy',
  'sns:Publish',
]

/** What a server checks when a token is used that was signed here. */
const checkedByServers = ['rds-db:connect', 'dsql:DbConnect', 'elasticache:Connect']

/** Actions that cannot be limited to a resource. */
const withoutResources = [
  'events:ListRules',
  'events:TestEventPattern',
  'secretsmanager:BatchGetSecretValue',
  'secretsmanager:GetRandomPassword',
  'sns:Unsubscribe',
  'sqs:ListQueues',
  'sts:GetCallerIdentity',
]

const conditionKeys = [
  'kms:EncryptionContext',
  'kms:ViaService',
  'secretsmanager:RotationLambdaARN',
  'secretsmanager:VersionStage',
  'sns:Endpoint',
  'sns:Protocol',
]

/** The prefixes of the actions of each client. */
const services: Readonly<Record<string, string>> = {
  'secrets-manager': 'secretsmanager',
  eventbridge: 'events',
  kms: 'kms',
  sns: 'sns',
  sqs: 'sqs',
  ssm: 'ssm',
  sts: 'sts',
}
const require = createRequire(import.meta.url)

/** The actions that the commands of the SDK need which a file sends. */
function actionsCalledIn(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const clients = Object.keys(services).filter(client => text.includes(`@aws-sdk/client-${client}`))
  const serviceOf = (operation: string): string =>
    services[clients.find(client => `${operation}Command` in require(`@aws-sdk/client-${client}`)) ?? 'secrets-manager'] ?? ''
  // The calls of awscurrent/admin are made by their names.
  const writes = /^export type WriteOperation = (.+)$/m.exec(text)?.[1]?.match(/\w+/g) ?? []
  const operations = [...text.matchAll(/new sdk\.(\w+)Command\(/g)].map(([, operation = '']) => operation).concat(writes)
  // A batch of messages is deleted by the right to delete one.
  return operations.map(
    operation => `${serviceOf(operation)}:${operation === 'DeleteMessageBatch' ? 'DeleteMessage' : operation}`,
  )
}

const calledHere = new Set(
  readdirSync('src', { recursive: true, withFileTypes: true })
    .filter(file => file.isFile() && !file.parentPath.startsWith('src/testing'))
    .flatMap(file => actionsCalledIn(join(file.parentPath, file.name))),
)

function statementsOf(json: string): Statement[] {
  const policy = JSON.parse(json) as { Version: string; Statement: Statement[] } | Statement
  if (!('Statement' in policy)) return [policy]
  expect(policy.Version).toBe('2012-10-17')
  return policy.Statement
}

const actionsOf = ({ Action }: Statement): string[] => [Action].flat()

describe('the policies in the documentation', () => {
  it.each(blocks)('are JSON with complete statements that allow no wildcard of actions: %#', json => {
    const statements = statementsOf(json)
    expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length)
    for (const statement of statements) {
      expect(statement).toMatchObject({ Sid: expect.stringMatching(/^[A-Za-z0-9]+$/), Effect: 'Allow' })
      for (const action of actionsOf(statement)) expect([...calledHere, ...calledByOthers, ...checkedByServers]).toContain(action)
    }
  })

  it.each(blocks)('name resources wherever an action knows some: %#', json => {
    for (const statement of statementsOf(json)) {
      // In the policy of a secret or a key, "*" is that secret or key.
      const isOfResource = JSON.stringify(statement.Principal ?? '').includes('arn:')
      const mayBeAny = isOfResource || actionsOf(statement).every(action => withoutResources.includes(action))
      expect(statement.Resource === '*').toBe(mayBeAny)
    }
  })

  it('name a secret by the six characters that its ARN ends with, or by a folder', () => {
    const resources = blocks.flatMap(statementsOf).map(({ Resource }) => Resource)
    const secrets = resources.filter(resource => resource.includes(':secret:'))
    expect(secrets.filter(arn => !/(-\?{6}|\/\*)$/.test(arn))).toEqual([])
  })

  it('are for one purpose: read by stage, decrypt through a service, rotate by one function, subscribe one kind of endpoint', () => {
    const statements = blocks.flatMap(statementsOf)
    const keysFor = (action: string): string[][] =>
      statements
        .filter(statement => actionsOf(statement).includes(action))
        .map(({ Condition = {} }) => Object.values(Condition).flatMap(keys => Object.keys(keys)))
    for (const keys of keysFor('kms:Decrypt')) expect(keys).toContain('kms:ViaService')
    for (const keys of keysFor('secretsmanager:RotateSecret')) expect(keys).toContain('secretsmanager:RotationLambdaARN')
    for (const keys of keysFor('sns:Subscribe')) expect(keys).toEqual(['sns:Protocol', 'sns:Endpoint'])
    const writers = keysFor('secretsmanager:UpdateSecretVersionStage')
    expect(writers).toContainEqual(['secretsmanager:resource/AllowRotationLambdaArn'])
    expect(keysFor('secretsmanager:GetSecretValue')).toContainEqual(['secretsmanager:VersionStage'])
  })

  it('allow everything that the code calls', () => {
    const mentioned = readPage('docs/permissions.md')
    expect([...calledHere].filter(action => !mentioned.includes(action))).toEqual([])
  })
})

it('every action in the text of the documentation is one that is called', () => {
  const named = [...documentation.matchAll(/(?<![\w:])(?:secretsmanager|sqs|sns|kms|lambda):[A-Z]\w+/g)].map(([name]) => name)
  expect(named.length).toBeGreaterThan(blocks.length)
  const known = new Set([...calledHere, ...calledByOthers, ...checkedByServers, ...conditionKeys])
  expect(named.filter(name => !known.has(name))).toEqual([])
})

it('the code calls what the code is known to call', () => {
  expect(calledHere).toContain('secretsmanager:GetSecretValue')
  expect(calledHere).toContain('secretsmanager:RotateSecret')
  expect(calledHere).toContain('sqs:DeleteMessage')
  expect(calledHere).toContain('sns:Subscribe')
})
