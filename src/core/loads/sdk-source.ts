import type { SecretsManagerClientLike } from '../options/options.js'
import type { SecretValue, SecretValues, SourceOptions } from '../secrets/source.js'
import type { WritableSource } from '../secrets/writable-source.js'
import { accountIdOf, type ConfiguredClient, closeIdleSocketsOf, regionOf } from './client-config.js'
import { Contact } from './contact.js'
import { loadSdk, type Sdk } from './sdk.js'

/** The output of GetSecretValue and BatchGetSecretValue for one secret. */
interface SecretOutput {
  ARN?: string | undefined
  Name?: string | undefined
  VersionId?: string | undefined
  VersionStages?: string[] | undefined
  CreatedDate?: Date | undefined
  SecretString?: string | undefined
  SecretBinary?: Uint8Array | undefined
}

interface BatchOutput {
  SecretValues?: SecretOutput[] | undefined
  Errors?: { SecretId?: string; ErrorCode?: string; Message?: string }[] | undefined
}

/** The methods of the client that are called here. */
interface Client extends ConfiguredClient {
  send(command: object, options: { abortSignal: AbortSignal }): Promise<unknown>
}

/** The client that is created here. */
interface OwnClient extends Client {
  destroy(): void
}

/** Reads secrets with the AWS SDK, which is loaded with the first read: a process that reads no secret does not pay for it. */
export function sdkSource({
  client,
  region,
}: {
  client?: SecretsManagerClientLike | undefined
  region?: string | undefined
}): WritableSource {
  // Kept, because even a repeated import() takes up to a tenth of the time of a load.
  let loaded: Sdk | undefined
  let own: OwnClient | undefined
  let accountIsAskedFor = false
  let accountId: string | undefined

  const contact = new Contact(() => regionOf(own ?? (client as ConfiguredClient | undefined)))

  async function send<Output>(command: (sdk: Sdk) => object, { signal, newConnection }: SourceOptions): Promise<Output> {
    const sdk = loaded ?? (await loadSdk())
    loaded = sdk
    if (client === undefined) own ??= makeClient(sdk, region)
    const via = own ?? (client as unknown as Client)
    if (newConnection) closeIdleSocketsOf(via)
    // No extra lookup: the call needs the credentials too, and the client shares one lookup, which ends before the response arrives.
    if (!accountIsAskedFor) void learnAccount(via)
    return contact.watch(via.send(command(sdk), { abortSignal: signal }) as Promise<Output>)
  }

  async function learnAccount(via: Client): Promise<void> {
    accountIsAskedFor = true
    accountId = await accountIdOf(via)
  }

  return {
    // A caller's client keeps its own retries.
    singleAttempt: client === undefined,

    get accountId(): string | undefined {
      return accountId
    },

    async get({ secretId, versionStage, versionId }, options): Promise<SecretValue> {
      const input = { SecretId: secretId, VersionStage: versionStage, VersionId: versionId }
      return valueFrom(await send<SecretOutput>(sdk => new sdk.GetSecretValueCommand(input), options))
    },

    async getMany(secretIds, options): Promise<SecretValues> {
      const command = (sdk: Sdk): object => new sdk.BatchGetSecretValueCommand({ SecretIdList: secretIds })
      const { SecretValues = [], Errors = [] } = await send<BatchOutput>(command, options)
      const errors = Errors.map(({ SecretId, ErrorCode, Message }) => ({
        secretId: SecretId as string,
        code: ErrorCode as string,
        message: Message as string,
      }))
      await contact.noteOn(errors)
      return { values: SecretValues.map(valueFrom), errors }
    },

    write: send,

    async close(): Promise<void> {
      // Callers close their own clients.
      own?.destroy()
    },
  }
}

/** Without an instance metadata service, the SDK makes two calls to it before it reports missing credentials, by default a second each. */
const metadataTimeoutMs = 600

/** Creates a client that makes one attempt: the loader decides whether and when there is another. */
function makeClient(sdk: Sdk, region: string | undefined): OwnClient {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI } = process.env
  // The timeout would also apply to the agents of ECS and EKS, which need longer, because they call other services.
  const isContainer = Boolean(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || AWS_CONTAINER_CREDENTIALS_FULL_URI)
  const client = new sdk.SecretsManagerClient({
    ...(region !== undefined && { region }),
    // Not an option of the client itself, but passed on to its credential providers.
    ...(!isContainer && { timeout: metadataTimeoutMs }),
    maxAttempts: 1,
    customUserAgent: 'awscurrent',
  })
  return client as unknown as OwnClient
}

function valueFrom(output: SecretOutput): SecretValue {
  const { ARN, Name, VersionId, VersionStages, CreatedDate, SecretString, SecretBinary } = output
  return {
    // The cache reports missing members, as for every source.
    arn: ARN as string,
    name: Name as string,
    versionId: VersionId as string,
    versionStages: VersionStages ?? [],
    createdDate: CreatedDate,
    string: SecretString,
    binary: SecretBinary,
  }
}
