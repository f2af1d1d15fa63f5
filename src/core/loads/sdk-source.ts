import type { SecretsManagerClientLike } from '../options/options.js'
import type { SecretValue, SecretValues, SourceOptions } from '../secrets/source.js'
import type { WritableSource } from '../secrets/writable-source.js'
import { accountIdOf, type ConfiguredClient, closeIdleSocketsOf, regionOf } from './client-config.js'
import { Contact } from './contact.js'
import { loadSdk, type Sdk } from './sdk.js'

/** What GetSecretValue and BatchGetSecretValue answer for one secret. */
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

/** The client as it is called here. */
interface Client extends ConfiguredClient {
  send(command: object, options: { abortSignal: AbortSignal }): Promise<unknown>
}

/** The client that is made here. */
interface OwnClient extends Client {
  destroy(): void
}

/** Reads secrets by the AWS SDK, which is loaded with the first read: a process that reads nothing does not pay for it. */
export function sdkSource({
  client,
  region,
}: {
  client?: SecretsManagerClientLike | undefined
  region?: string | undefined
}): WritableSource {
  // Kept, because an import that is done already still costs as much as a tenth of a load.
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
    // The client looks for its credentials once, whoever asks: before there is an answer, they are there.
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
      // A caller's client is the caller's to close.
      own?.destroy()
    },
  }
}

/** Where no instance metadata service is, the SDK asks it twice before it says that there are no credentials. Its own limit is a second each. */
const metadataTimeoutMs = 600

/** Makes one attempt for each load: whether there is another, and when, is for the loader to say. */
function makeClient(sdk: Sdk, region: string | undefined): OwnClient {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI } = process.env
  // The limit would hold for the agents of ECS and EKS too, which take longer: they ask others.
  const isContainer = Boolean(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || AWS_CONTAINER_CREDENTIALS_FULL_URI)
  const client = new sdk.SecretsManagerClient({
    ...(region !== undefined && { region }),
    // No option of the client, but handed on to the providers of its credentials.
    ...(!isContainer && { timeout: metadataTimeoutMs }),
    maxAttempts: 1,
    customUserAgent: 'awscurrent',
  })
  return client as unknown as OwnClient
}

function valueFrom(output: SecretOutput): SecretValue {
  const { ARN, Name, VersionId, VersionStages, CreatedDate, SecretString, SecretBinary } = output
  return {
    // What is missing is noticed, and said, where every source's answers are checked.
    arn: ARN as string,
    name: Name as string,
    versionId: VersionId as string,
    versionStages: VersionStages ?? [],
    createdDate: CreatedDate,
    string: SecretString,
    binary: SecretBinary,
  }
}
