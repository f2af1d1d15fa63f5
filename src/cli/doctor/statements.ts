import { arnForPolicy, type ExaminedSecret } from './secret.js'

/** The domain in the names of service endpoints, which `kms:ViaService` contains. */
function domainOf(partition: string): string {
  return partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
}

/** The role of a session, which is what a policy names. */
export function principalOf(callerArn: string): string {
  const [, partition, account, role] = /^arn:([^:]*):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(callerArn) ?? []
  return role === undefined ? callerArn : `arn:${partition}:iam::${account}:role/${role}`
}

const bothStages = { 'ForAnyValue:StringEquals': { 'secretsmanager:VersionStage': ['AWSCURRENT', 'AWSPENDING'] } }

/** For the policy of the reader. */
export function readStatement(secret: ExaminedSecret): object {
  return {
    Sid: 'ReadTheSecret',
    Effect: 'Allow',
    Action: 'secretsmanager:GetSecretValue',
    Resource: arnForPolicy(secret),
    Condition: bothStages,
  }
}

/** For the resource policy of a secret of another account. */
export function secretPolicyStatement(reader: string): object {
  return {
    Sid: 'LetAnotherAccountRead',
    Effect: 'Allow',
    Principal: { AWS: reader },
    Action: 'secretsmanager:GetSecretValue',
    Resource: '*',
    Condition: bothStages,
  }
}

/** For the policy of the reader, or with `reader` for the policy of the key. */
export function decryptStatement(secret: ExaminedSecret, keyArn: string, reader?: string): object {
  const { partition, region } = secret
  return {
    Sid: 'DecryptTheSecret',
    Effect: 'Allow',
    ...(reader !== undefined && { Principal: { AWS: reader } }),
    Action: 'kms:Decrypt',
    Resource: reader === undefined ? keyArn : '*',
    Condition: {
      StringEquals: { 'kms:ViaService': `secretsmanager.${region}.${domainOf(partition)}` },
      StringLike: { 'kms:EncryptionContext:SecretARN': arnForPolicy(secret) },
    },
  }
}

/** For the policy of a topic or queue: lets a service send to it. */
export function sendStatement(service: string, action: string, resource: string, sourceArn: string): object {
  return {
    Effect: 'Allow',
    Principal: { Service: service },
    Action: action,
    Resource: resource,
    Condition: { ArnEquals: { 'aws:SourceArn': sourceArn } },
  }
}

/** For the policy of a key that encrypts a topic or queue. */
export function keyStatement(service: string, condition: Readonly<Record<string, string>>): object {
  return {
    Effect: 'Allow',
    Principal: { Service: service },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    Resource: '*',
    Condition: { StringEquals: condition },
  }
}

/** For the policy of an instance that listens with its own queue. */
export function listenStatements(topicArn: string): object[] {
  const [, partition, , region, account] = topicArn.split(':')
  const queues = `arn:${partition}:sqs:${region}:${account}:awscurrent-*`
  return [
    {
      Sid: 'MakeUseAndRemoveOwnQueues',
      Effect: 'Allow',
      Action: [
        'sqs:CreateQueue',
        'sqs:DeleteQueue',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:ReceiveMessage',
        'sqs:SetQueueAttributes',
        'sqs:TagQueue',
      ],
      Resource: queues,
    },
    {
      Sid: 'SubscribeThem',
      Effect: 'Allow',
      Action: 'sns:Subscribe',
      Resource: topicArn,
      Condition: { StringEquals: { 'sns:Protocol': 'sqs' }, ArnLike: { 'sns:Endpoint': queues } },
    },
    { Sid: 'Unsubscribe', Effect: 'Allow', Action: 'sns:Unsubscribe', Resource: '*' },
  ]
}
