import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { newName, partialArn, read, rejects, rotated, type SourceCase } from './environment.js'

const current = 'AWSCURRENT'

/** The conformance tests for `get`. */
export const readCases: readonly SourceCase[] = [
  [
    'reads a text secret with its ids, stages and date',
    async environment => {
      const name = newName()
      const { arn, versionId } = await environment.create(name, 'text of a secret')
      const value = await read(environment, { secretId: name, versionStage: current })
      assert.equal(value.string, 'text of a secret')
      assert.equal(value.binary, undefined)
      assert.equal(value.arn, arn)
      assert.equal(value.name, name)
      assert.equal(value.versionId, versionId)
      assert.deepEqual(value.versionStages, [current])
      if (value.createdDate !== undefined) assert.ok(value.createdDate.getTime() > 0)
    },
  ],
  [
    'reads a binary secret byte for byte',
    async environment => {
      const name = newName()
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
      await environment.create(name, bytes)
      const value = await read(environment, { secretId: name, versionStage: current })
      assert.deepEqual(Uint8Array.from(value.binary ?? []), bytes)
      assert.equal(value.string, undefined)
    },
  ],
  [
    'reads the same version by name, partial ARN and full ARN',
    async environment => {
      const name = newName()
      const { arn, versionId } = await environment.create(name, 'by any id')
      for (const secretId of [name, partialArn(arn), arn]) {
        const value = await read(environment, { secretId, versionStage: current })
        assert.deepEqual([value.arn, value.name, value.versionId], [arn, name, versionId], secretId)
      }
    },
  ],
  [
    'reads AWSCURRENT when neither a stage nor a version is asked for',
    async environment => {
      const { name, second } = await rotated(environment)
      const value = await read(environment, { secretId: name })
      assert.equal(value.versionId, second)
    },
  ],
  [
    'reads a version by its stage',
    async environment => {
      const { name, first } = await rotated(environment)
      const value = await read(environment, { secretId: name, versionStage: 'AWSPREVIOUS' })
      assert.deepEqual([value.versionId, value.string, value.versionStages], [first, 'first value', ['AWSPREVIOUS']])
    },
  ],
  [
    'reads a version by its id',
    async environment => {
      const { name, first } = await rotated(environment)
      const value = await read(environment, { secretId: name, versionId: first })
      assert.deepEqual([value.versionId, value.string], [first, 'first value'])
    },
  ],
  [
    'rejects with InvalidRequestException when the version and the stage disagree',
    async environment => {
      const { name, first } = await rotated(environment)
      await rejects(environment, { secretId: name, versionId: first, versionStage: current }, 'InvalidRequestException')
    },
  ],
  [
    'rejects with ResourceNotFoundException for a secret that does not exist',
    environment => rejects(environment, { secretId: newName(), versionStage: current }, 'ResourceNotFoundException'),
  ],
  [
    'rejects with ResourceNotFoundException for a stage that does not exist',
    async environment => {
      const name = newName()
      await environment.create(name, 'without such a stage')
      await rejects(environment, { secretId: name, versionStage: 'NO-SUCH-STAGE' }, 'ResourceNotFoundException')
    },
  ],
  [
    'rejects with ResourceNotFoundException for a version that does not exist',
    async environment => {
      const name = newName()
      await environment.create(name, 'without such a version')
      await rejects(environment, { secretId: name, versionId: randomUUID() }, 'ResourceNotFoundException')
    },
  ],
  [
    'rejects with InvalidRequestException for a secret that is scheduled for deletion',
    async environment => {
      const name = newName()
      await environment.create(name, 'on its way out')
      await environment.scheduleDeletion(name)
      await rejects(environment, { secretId: name, versionStage: current }, 'InvalidRequestException')
    },
  ],
]
