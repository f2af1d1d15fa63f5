import type { SecretSource, SecretValue } from '../core/secrets/source.js'
import type { FakeService } from './fake-service.js'
import type { FakeOperation } from './operations/table.js'

/** A source that can read many secrets with one call. */
export type FakeSource = Required<Pick<SecretSource, 'get' | 'getMany'>>

interface ValueOutput {
  ARN: string
  Name: string
  VersionId: string
  VersionStages?: string[]
  CreatedDate: Date
  SecretString?: string
  SecretBinary?: Uint8Array
}

interface BatchOutput {
  SecretValues: ValueOutput[]
  Errors: { SecretId: string; ErrorCode: string; Message: string }[]
}

/** Creates a source that reads from the service. */
export function createSource(service: FakeService<FakeOperation>): FakeSource {
  return {
    async get({ secretId, versionStage, versionId }, { signal }) {
      const input = { SecretId: secretId, VersionStage: versionStage, VersionId: versionId }
      const answer: unknown = await service.answer('GetSecretValue', input, signal)
      return toValue(answer as ValueOutput)
    },
    async getMany(secretIds, { signal }) {
      const answer: unknown = await service.answer('BatchGetSecretValue', { SecretIdList: secretIds }, signal)
      const { SecretValues, Errors } = answer as BatchOutput
      return {
        values: SecretValues.map(toValue),
        errors: Errors.map(({ SecretId, ErrorCode, Message }) => ({ secretId: SecretId, code: ErrorCode, message: Message })),
      }
    },
  }
}

function toValue({
  ARN,
  Name,
  VersionId,
  VersionStages = [],
  CreatedDate,
  SecretString,
  SecretBinary,
}: ValueOutput): SecretValue {
  return {
    arn: ARN,
    name: Name,
    versionId: VersionId,
    versionStages: VersionStages,
    createdDate: CreatedDate,
    ...(SecretString !== undefined && { string: SecretString }),
    ...(SecretBinary !== undefined && { binary: SecretBinary }),
  }
}
