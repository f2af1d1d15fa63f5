import type { SecretsManagerClientLike } from '../options/options.js'
import type { SecretValue, SecretValues } from '../secrets/source.js'
import type { WritableSource } from '../secrets/writable-source.js'
import { loadSdk, type Sdk } from './sdk.js'
import { sdkCalls } from './sdk-calls.js'

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

/** Reads secrets with the AWS SDK, which is loaded with the first read: a process that reads no secret does not pay for it. */
export function sdkSource({
  client,
  region,
}: {
  client?: SecretsManagerClientLike | undefined
  region?: string | undefined
}): WritableSource {
  const calls = sdkCalls({
    load: loadSdk,
    create: ({ SecretsManagerClient }, config) => new SecretsManagerClient(config),
    client,
    region,
  })
  const { send } = calls

  return {
    // A caller's client keeps its own retries.
    singleAttempt: client === undefined,

    get accountId(): string | undefined {
      return calls.accountId
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
      await calls.noteOn(errors)
      return { values: SecretValues.map(valueFrom), errors }
    },

    write: send,

    close: async () => calls.close(),
  }
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
