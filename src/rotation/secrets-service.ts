import { loadSdk, type Sdk } from '../core/loads/sdk.js'
import type { SecretsManagerClientLike } from '../core/options/options.js'
import { excludedCharacters } from './password.js'
import { rotationError, rotationErrorFrom } from './rotation-error.js'

/** The result of DescribeSecret. */
export interface SecretDescription {
  rotationEnabled: boolean | undefined
  /** The labels of each version, by version id. */
  stages: ReadonlyMap<string, readonly string[]>
  tags: ReadonlyMap<string, string>
}

/** The value to store as AWSPENDING. */
interface NewVersion {
  secretId: string
  versionId: string
  rotationToken: string | undefined
  text: string
}

/** The Secrets Manager calls of a rotation. They reject with errors of this package. */
export interface SecretsService {
  describe(secretId: string): Promise<SecretDescription>
  /** The text of a version; undefined if there is no such version, or it has no value yet. */
  read(
    secretId: string,
    version: { versionStage?: string | undefined; versionId?: string | undefined },
  ): Promise<string | undefined>
  /** Whether the value was stored: false if the version already has another one. */
  putPending(version: NewVersion): Promise<boolean>
  moveCurrent(move: { secretId: string; from: string | undefined; to: string }): Promise<void>
  randomPassword(secretId: string, length: number): Promise<string>
}

interface Described {
  RotationEnabled?: boolean
  VersionIdsToStages?: Record<string, string[]>
  Tags?: { Key?: string; Value?: string }[]
}

interface Client {
  send(command: object): Promise<object>
}

/** What one call needs. */
interface Call {
  operation: string
  secretId: string
  command(sdk: Sdk): object
  /** The exception that counts as a result: the call then resolves with undefined. */
  unless?: string
}

/** Calls Secrets Manager with the AWS SDK, which is loaded with the first call. A client that is created here uses the SDK's retries. */
export function secretsService(options: { client?: SecretsManagerClientLike; region?: string }): SecretsService {
  let client = options.client as unknown as Client | undefined
  let sdk: Sdk | undefined

  async function send<Output>({ operation, secretId, command, unless }: Call): Promise<Output | undefined> {
    try {
      // Kept, because importing a large module takes time even if it is already loaded.
      sdk ??= await loadSdk()
      client ??= makeClient(sdk, options.region)
      return (await client.send(command(sdk))) as Output
    } catch (error) {
      if (unless !== undefined && (error as { name?: unknown } | undefined)?.name === unless) return undefined
      throw rotationErrorFrom(error, { secretId, what: `${operation} of ${secretId}` })
    }
  }

  return {
    async describe(secretId) {
      const command = (sdk: Sdk) => new sdk.DescribeSecretCommand({ SecretId: secretId })
      const described = await send<Described>({ operation: 'DescribeSecret', secretId, command })
      return {
        rotationEnabled: described?.RotationEnabled,
        stages: new Map(Object.entries(described?.VersionIdsToStages ?? {})),
        tags: new Map((described?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
      }
    },

    async read(secretId, { versionStage, versionId }) {
      const input = { SecretId: secretId, VersionStage: versionStage, VersionId: versionId }
      const command = (sdk: Sdk) => new sdk.GetSecretValueCommand(input)
      const unless = 'ResourceNotFoundException'
      const answer = await send<{ SecretString?: string }>({ operation: 'GetSecretValue', secretId, command, unless })
      if (answer === undefined || answer.SecretString !== undefined) return answer?.SecretString
      throw rotationError({
        message: `The ${versionStage ?? versionId} version of ${secretId} is binary; only text can be rotated.`,
        secretId,
      })
    },

    async putPending({ secretId, versionId, rotationToken, text }) {
      const command = (sdk: Sdk) =>
        new sdk.PutSecretValueCommand({
          SecretId: secretId,
          ClientRequestToken: versionId,
          SecretString: text,
          VersionStages: ['AWSPENDING'],
          ...(rotationToken !== undefined && { RotationToken: rotationToken }),
        })
      const unless = 'ResourceExistsException'
      return (await send({ operation: 'PutSecretValue', secretId, command, unless })) !== undefined
    },

    async moveCurrent({ secretId, from, to }) {
      const command = (sdk: Sdk) =>
        new sdk.UpdateSecretVersionStageCommand({
          SecretId: secretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: to,
          RemoveFromVersionId: from,
        })
      await send({ operation: 'UpdateSecretVersionStage', secretId, command })
    },

    async randomPassword(secretId, length) {
      const input = { PasswordLength: length, ExcludeCharacters: excludedCharacters, RequireEachIncludedType: true }
      const command = (sdk: Sdk) => new sdk.GetRandomPasswordCommand(input)
      const answer = await send<{ RandomPassword?: string }>({ operation: 'GetRandomPassword', secretId, command })
      if (answer?.RandomPassword !== undefined) return answer.RandomPassword
      throw rotationError({ message: 'GetRandomPassword returned no password.', secretId })
    },
  }
}

/**
 * Reads the text of AWSCURRENT, without which there is nothing to rotate or to log in with. It is read by the id of the version if that is
 * known: by the label, the service may return the previous version for a moment.
 */
export async function readCurrent(service: Pick<SecretsService, 'read'>, secretId: string, versionId?: string): Promise<string> {
  const text = await service.read(secretId, versionId === undefined ? { versionStage: 'AWSCURRENT' } : { versionId })
  if (text !== undefined) return text
  throw rotationError({
    message: `The secret ${secretId} could not be found, or has no AWSCURRENT version.`,
    secretId,
    hint: 'Is it in this account and Region? A secret of another account is read by its full ARN. Store the first value yourself: a rotation starts from working credentials.',
  })
}

/** The id of the version that has a label. */
export function versionWith(label: string, stages: SecretDescription['stages']): string | undefined {
  return [...stages].find(([, labels]) => labels.includes(label))?.[0]
}

function makeClient(sdk: Sdk, region: string | undefined): Client {
  const client = new sdk.SecretsManagerClient({ ...(region !== undefined && { region }), customUserAgent: 'awscurrent' })
  return client as unknown as Client
}
