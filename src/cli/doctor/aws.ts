import { loadPeer } from '../../core/failures/peer.js'
import { CallError } from './call-error.js'

const callTimeoutMs = 10_000

/** The configuration that all clients of the AWS SDK share. */
interface ClientConfig {
  region?: string
  maxAttempts: number
  customUserAgent: string
}

/** A client of the AWS SDK. */
interface Client {
  destroy(): void
}

/** A rule of the default bus. */
export interface Rule {
  readonly name: string
  readonly arn: string
  readonly pattern: string
  readonly isEnabled: boolean
}

/** Where a rule sends its events. */
export interface Target {
  readonly arn: string
  readonly roleArn: string | undefined
  /** Whether the target gets something else than the event itself. */
  readonly changesEvent: boolean
}

/** A subscription of a topic. */
export interface Subscription {
  readonly arn: string
  readonly protocol: string
  readonly endpoint: string
  readonly isConfirmed: boolean
}

/** The read-only calls of the doctor, made with the AWS SDK; each rejects with a `CallError`. */
export class Aws {
  readonly region: string | undefined
  readonly #signal: AbortSignal
  readonly #clients = new Map<string, Client>()

  constructor({ region, signal }: { region: string | undefined; signal: AbortSignal }) {
    this.region = region
    this.#signal = signal
  }

  /** The same calls in another Region. */
  in(region: string): Aws {
    return region === this.region ? this : new Aws({ region, signal: this.#signal })
  }

  /** The Region that the SDK finds in the environment or the profile. */
  configuredRegion(): Promise<string> {
    return this.#call('the lookup of the Region', async () => {
      const sdk = await loadPeer('@aws-sdk/client-secrets-manager', () => import('@aws-sdk/client-secrets-manager'))
      return this.client(sdk.SecretsManagerClient).config.region()
    })
  }

  identity(): Promise<{ account: string; arn: string }> {
    return this.#call('GetCallerIdentity', async options => {
      const sdk = await loadPeer('@aws-sdk/client-sts', () => import('@aws-sdk/client-sts'))
      const { Account = '', Arn = '' } = await this.client(sdk.STSClient).send(new sdk.GetCallerIdentityCommand({}), options)
      return { account: Account, arn: Arn }
    })
  }

  /** Reads a version and drops its value. */
  readSecret(SecretId: string, VersionStage: string): Promise<{ arn: string; name: string }> {
    return this.#call('GetSecretValue', async options => {
      const sdk = await loadPeer('@aws-sdk/client-secrets-manager', () => import('@aws-sdk/client-secrets-manager'))
      const command = new sdk.GetSecretValueCommand({ SecretId, VersionStage })
      const { ARN = '', Name = '' } = await this.client(sdk.SecretsManagerClient).send(command, options)
      return { arn: ARN, name: Name }
    })
  }

  describeSecret(SecretId: string): Promise<{ arn: string; name: string; keyId: string | undefined }> {
    return this.#call('DescribeSecret', async options => {
      const sdk = await loadPeer('@aws-sdk/client-secrets-manager', () => import('@aws-sdk/client-secrets-manager'))
      const command = new sdk.DescribeSecretCommand({ SecretId })
      const { ARN = '', Name = '', KmsKeyId } = await this.client(sdk.SecretsManagerClient).send(command, options)
      return { arn: ARN, name: Name, keyId: KmsKeyId }
    })
  }

  /** The rules with an event pattern, of the default bus: the one that AWS services send to. */
  rules(): Promise<Rule[]> {
    return this.#call('ListRules', async options => {
      const sdk = await loadPeer('@aws-sdk/client-eventbridge', () => import('@aws-sdk/client-eventbridge'))
      const rules: Rule[] = []
      let NextToken: string | undefined
      do {
        const page = await this.client(sdk.EventBridgeClient).send(new sdk.ListRulesCommand({ NextToken }), options)
        for (const { Name = '', Arn = '', EventPattern, State } of page.Rules ?? []) {
          if (EventPattern) rules.push({ name: Name, arn: Arn, pattern: EventPattern, isEnabled: State !== 'DISABLED' })
        }
        NextToken = page.NextToken
      } while (NextToken !== undefined)
      return rules
    })
  }

  /** Undefined without a result, as from a local stack. */
  testPattern(EventPattern: string, event: object): Promise<boolean | undefined> {
    return this.#call('TestEventPattern', async options => {
      const sdk = await loadPeer('@aws-sdk/client-eventbridge', () => import('@aws-sdk/client-eventbridge'))
      const command = new sdk.TestEventPatternCommand({ EventPattern, Event: JSON.stringify(event) })
      return (await this.client(sdk.EventBridgeClient).send(command, options)).Result
    })
  }

  targets(Rule: string): Promise<Target[]> {
    return this.#call('ListTargetsByRule', async options => {
      const sdk = await loadPeer('@aws-sdk/client-eventbridge', () => import('@aws-sdk/client-eventbridge'))
      const { Targets = [] } = await this.client(sdk.EventBridgeClient).send(new sdk.ListTargetsByRuleCommand({ Rule }), options)
      return Targets.map(({ Arn = '', RoleArn, Input, InputPath, InputTransformer }) => ({
        arn: Arn,
        roleArn: RoleArn || undefined,
        changesEvent: Boolean(Input || InputTransformer || (InputPath && InputPath !== '$')),
      }))
    })
  }

  topic(TopicArn: string): Promise<{ policy: string; keyId: string | undefined }> {
    return this.#call('GetTopicAttributes', async options => {
      const sdk = await loadPeer('@aws-sdk/client-sns', () => import('@aws-sdk/client-sns'))
      const { Attributes = {} } = await this.client(sdk.SNSClient).send(new sdk.GetTopicAttributesCommand({ TopicArn }), options)
      return { policy: Attributes.Policy ?? '', keyId: Attributes.KmsMasterKeyId || undefined }
    })
  }

  subscriptions(TopicArn: string): Promise<Subscription[]> {
    return this.#call('ListSubscriptionsByTopic', async options => {
      const sdk = await loadPeer('@aws-sdk/client-sns', () => import('@aws-sdk/client-sns'))
      const found: Subscription[] = []
      let NextToken: string | undefined
      do {
        const command = new sdk.ListSubscriptionsByTopicCommand({ TopicArn, NextToken })
        const page = await this.client(sdk.SNSClient).send(command, options)
        for (const { SubscriptionArn: arn = '', Protocol = '', Endpoint = '' } of page.Subscriptions ?? []) {
          // A subscription that awaits its confirmation has a word in place of its ARN.
          found.push({ arn, protocol: Protocol, endpoint: Endpoint, isConfirmed: arn.startsWith('arn:') })
        }
        NextToken = page.NextToken || undefined
      } while (NextToken !== undefined)
      return found
    })
  }

  subscriptionAttributes(SubscriptionArn: string): Promise<Record<string, string>> {
    return this.#call('GetSubscriptionAttributes', async options => {
      const sdk = await loadPeer('@aws-sdk/client-sns', () => import('@aws-sdk/client-sns'))
      const command = new sdk.GetSubscriptionAttributesCommand({ SubscriptionArn })
      return (await this.client(sdk.SNSClient).send(command, options)).Attributes ?? {}
    })
  }

  publish(TopicArn: string, Message: string): Promise<void> {
    return this.#call('Publish', async options => {
      const sdk = await loadPeer('@aws-sdk/client-sns', () => import('@aws-sdk/client-sns'))
      await this.client(sdk.SNSClient).send(new sdk.PublishCommand({ TopicArn, Message }), options)
    })
  }

  queue(QueueUrl: string): Promise<{ arn: string; policy: string; keyId: string | undefined }> {
    return this.#call('GetQueueAttributes', async options => {
      const sdk = await loadPeer('@aws-sdk/client-sqs', () => import('@aws-sdk/client-sqs'))
      const command = new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'Policy', 'KmsMasterKeyId'] })
      const { Attributes = {} } = await this.client(sdk.SQSClient).send(command, options)
      return { arn: Attributes.QueueArn ?? '', policy: Attributes.Policy ?? '', keyId: Attributes.KmsMasterKeyId || undefined }
    })
  }

  queueUrl(queueArn: string): Promise<string> {
    return this.#call('GetQueueUrl', async options => {
      const sdk = await loadPeer('@aws-sdk/client-sqs', () => import('@aws-sdk/client-sqs'))
      const [, , , , account, QueueName] = queueArn.split(':')
      const command = new sdk.GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId: account })
      return (await this.client(sdk.SQSClient).send(command, options)).QueueUrl ?? ''
    })
  }

  /** The policy of a key, which may be given by its id, ARN or alias. */
  keyPolicy(keyId: string): Promise<{ arn: string; policy: string }> {
    return this.#call('GetKeyPolicy', async options => {
      const sdk = await loadPeer('@aws-sdk/client-kms', () => import('@aws-sdk/client-kms'))
      const kms = this.client(sdk.KMSClient)
      const { KeyMetadata } = await kms.send(new sdk.DescribeKeyCommand({ KeyId: keyId }), options)
      const arn = KeyMetadata?.Arn ?? keyId
      const { Policy = '' } = await kms.send(new sdk.GetKeyPolicyCommand({ KeyId: arn, PolicyName: 'default' }), options)
      return { arn, policy: Policy }
    })
  }

  /** The one client of its class. */
  client<C extends Client>(Class: new (config: ClientConfig) => C): C {
    const known = this.#clients.get(Class.name)
    if (known !== undefined) return known as C
    const client = new Class({
      ...(this.region !== undefined && { region: this.region }),
      maxAttempts: 2,
      customUserAgent: 'awscurrent-doctor',
    })
    this.#clients.set(Class.name, client)
    return client
  }

  async #call<T>(operation: string, run: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    try {
      return await run({ abortSignal: AbortSignal.any([this.#signal, AbortSignal.timeout(callTimeoutMs)]) })
    } catch (error) {
      this.#signal.throwIfAborted()
      throw new CallError(operation, error)
    }
  }
}
