import assert from 'node:assert/strict'
import type { SecretValues } from '../../core/secrets/source.js'
import { newName, partialArn, patient, type SourceCase, type SourceEnvironment } from './environment.js'

/** The conformance tests for `getMany`, for sources that have it. */
export const batchCases: readonly SourceCase[] = [
  [
    'getMany, if there: reads 20 secrets, with a name, a partial ARN or a full ARN for each',
    ifBatches(async (environment, getMany) => {
      const secrets = await createMany(environment, 20)
      const ids = secrets.map(({ name, arn }, index) => [name, partialArn(arn), arn][index % 3] ?? name)
      const { values, errors } = await getMany(ids)
      assert.deepEqual(errors, [])
      assert.deepEqual(summary(values), summary(secrets))
    }),
  ],
  [
    'getMany, if there: reports a secret that does not exist by the id it was given, and reads the others',
    ifBatches(async (environment, getMany) => {
      const secrets = await createMany(environment, 3)
      const missing = newName()
      const { values, errors } = await getMany([missing, ...secrets.map(secret => secret.arn)])
      assert.deepEqual(summary(values), summary(secrets))
      assert.deepEqual(
        errors.map(({ secretId, code }) => [secretId, code]),
        [[missing, 'ResourceNotFoundException']],
      )
    }),
  ],
  [
    'getMany, if there: reports a secret that is scheduled for deletion',
    ifBatches(async (environment, getMany) => {
      const [kept, deleted] = [newName(), newName()]
      await environment.create(kept, 'kept')
      await environment.create(deleted, 'deleted')
      await environment.scheduleDeletion(deleted)
      const { values, errors } = await getMany([deleted, kept])
      assert.deepEqual(
        values.map(value => value.string),
        ['kept'],
      )
      assert.deepEqual(
        errors.map(({ secretId, code }) => [secretId, code]),
        [[deleted, 'InvalidRequestException']],
      )
    }),
  ],
  [
    'getMany, if there: reads AWSCURRENT, text and binary',
    ifBatches(async (environment, getMany) => {
      const [text, binary] = [newName(), newName()]
      await environment.create(text, 'first value')
      const { versionId } = await environment.put(text, 'second value')
      await environment.create(binary, Uint8Array.of(0, 128, 255))
      const { values } = await getMany([text, binary])
      const found = new Map(values.map(value => [value.name, value]))
      assert.deepEqual([found.get(text)?.string, found.get(text)?.versionId], ['second value', versionId])
      assert.deepEqual(Uint8Array.from(found.get(binary)?.binary ?? []), Uint8Array.of(0, 128, 255))
    }),
  ],
]

type GetMany = (secretIds: string[]) => Promise<SecretValues>

function ifBatches(check: (environment: SourceEnvironment, getMany: GetMany) => Promise<void>): SourceCase[1] {
  return async environment => {
    const { source } = environment
    if (source.getMany === undefined) return
    await check(environment, async secretIds => (await source.getMany?.(secretIds, patient())) ?? { values: [], errors: [] })
  }
}

interface Created {
  arn: string
  name: string
  versionId: string
  string: string
}

/** Sequentially, because an emulator may not support concurrent calls. */
async function createMany(environment: SourceEnvironment, count: number): Promise<Created[]> {
  const created: Created[] = []
  for (let index = 0; index < count; index += 1) {
    const name = newName()
    const string = `value ${index}`
    created.push({ name, string, ...(await environment.create(name, string)) })
  }
  return created
}

/** The fields that must agree, in an order that does not depend on the response. */
function summary(values: readonly { arn: string; name: string; versionId: string; string?: string | undefined }[]): string[] {
  return values.map(({ arn, name, versionId, string }) => [arn, name, versionId, string].join(' ')).sort()
}
