import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { onTestFinished } from 'vitest'
import { FakeSecretsManager, ManualClock, type RotationFunctionEvent } from '../../../src/testing/index.js'
import { sdkFor } from '../support.js'
import { Names } from './names.js'
import { type RecordedCall, type Recording, type Replayable, recordedOf } from './recording.js'

/** What was recorded of a call, and what the fake answers, in the same words. */
export interface Compared {
  readonly call: string
  readonly recorded: object
  readonly replayed: unknown
}

type Send = (call: RecordedCall, input: Record<string, unknown>) => Promise<object>

const commands: Readonly<Record<Replayable, new (input: never) => object>> = {
  CreateSecret: CreateSecretCommand,
  DeleteSecret: DeleteSecretCommand,
  DescribeSecret: DescribeSecretCommand,
  GetSecretValue: GetSecretValueCommand,
  ListSecrets: ListSecretsCommand,
  ListSecretVersionIds: ListSecretVersionIdsCommand,
  PutSecretValue: PutSecretValueCommand,
  RestoreSecret: RestoreSecretCommand,
  RotateSecret: RotateSecretCommand,
  UpdateSecret: UpdateSecretCommand,
  UpdateSecretVersionStage: UpdateSecretVersionStageCommand,
}

/** How a client gets at the fake: the real SDK over HTTP, or its commands in process. */
export const doors: Readonly<Record<string, (fake: FakeSecretsManager) => Promise<Send>>> = {
  'over HTTP': async fake => sender(await sdkFor(fake)),
  'in process': async fake => sender(fake.client()),
}

/** Makes the calls of a recording again, on a new fake. */
export async function replay(
  { calls, rotates, sees = {} }: Recording,
  open: (fake: FakeSecretsManager) => Promise<Send>,
): Promise<Compared[]> {
  const names = new Names()
  const clock = new ManualClock()
  const seen: Record<string, object> = {}
  const rotation = rotationFunction(() => fake, sees, seen)
  const fake: FakeSecretsManager = new FakeSecretsManager({ clock, ...(rotates && { rotation }) })
  const send = await open(fake)
  const compared: Compared[] = []
  for (const [index, call] of calls.entries()) {
    await clock.advance(1_000)
    const input = names.resolve(call.with)
    const replayed = await (call.over === 'http' ? bare(fake, call.call, input) : send(call, input)).then(
      withoutMetadata,
      described,
    )
    await fake.idle()
    names.learn(replayed)
    const recorded = recordedOf(call)
    if (recorded === undefined) continue
    const whole = names.describe(replayed)
    compared.push({ call: `${index + 1} ${call.call}`, recorded, replayed: 'part' in call ? restrict(whole, recorded) : whole })
  }
  for (const [step, recorded] of Object.entries(sees))
    compared.push({ call: step, recorded, replayed: restrict(seen[step], recorded) })
  return compared
}

function sender(client: { send(command: never): Promise<object> }): Send {
  return (call, input) => {
    const Command = commands[call.call]
    return client.send(new Command(input as never) as never)
  }
}

/** Sends a call as it is, without what an SDK fills in. */
async function bare(fake: FakeSecretsManager, operation: string, input: object): Promise<object> {
  const server = await fake.listen()
  onTestFinished(() => server.close())
  const authorization = `AWS4-HMAC-SHA256 Credential=A/20300101/${fake.region}/secretsmanager/aws4_request, SignedHeaders=host, Signature=00`
  const headers = { authorization, 'x-amz-target': `secretsmanager.${operation}` }
  const response = await fetch(server.endpoint, { method: 'POST', headers, body: JSON.stringify(input) })
  const body = (await response.json()) as { __type?: string; Message?: string }
  return response.ok ? body : { error: body.__type, message: body.Message }
}

/** A rotation function that changes nothing outside of Secrets Manager, as the recorded ones; it tells what it sees in the steps of `sees`. */
function rotationFunction(fake: () => FakeSecretsManager, sees: object, seen: Record<string, object>) {
  return ({ Step, SecretId, ClientRequestToken }: RotationFunctionEvent): void => {
    const pending = { SecretId, VersionId: ClientRequestToken, VersionStage: 'AWSPENDING' }
    fake().perform('GetSecretValue', { SecretId })
    if (Step in sees) seen[Step] = answerOf(() => fake().perform('GetSecretValue', pending))
    const put = { SecretId, ClientRequestToken, SecretString: 'rotated', VersionStages: ['AWSPENDING'] }
    if (Step === 'createSecret') fake().perform('PutSecretValue', put)
    if (Step !== 'finishSecret') return
    fake().moveCurrent(SecretId, ClientRequestToken)
    fake().perform('UpdateSecretVersionStage', { SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: ClientRequestToken })
  }
}

function answerOf(perform: () => object): object {
  try {
    return perform()
  } catch (error) {
    return described(error)
  }
}

function withoutMetadata({ $metadata, ...members }: { $metadata?: unknown }): Record<string, unknown> {
  return members
}

function described(error: unknown): Record<string, unknown> {
  const { name, message } = error as Error
  return { error: name, message }
}

/** Only the members that `like` has. */
function restrict(value: unknown, like: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(like))
    return value.map((item, index) => restrict(item, like[index] ?? like[0] ?? item))
  if (typeof value !== 'object' || value === null || typeof like !== 'object' || like === null) return value
  const members = value as Record<string, unknown>
  return Object.fromEntries(Object.entries(like).map(([member, inner]) => [member, restrict(members[member], inner)]))
}
