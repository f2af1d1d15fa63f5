import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
  UnlabelParameterVersionCommand,
} from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import { newName, type ParameterServiceUnderTest, refused, useParameterStore } from './scene.js'

/** What a write does, and what is refused. */
export function describeParameterWrites(title: string, under: ParameterServiceUnderTest): void {
  describe(`${title}: writes`, () => {
    const { client, put, get, label, itDiffers } = useParameterStore(under)

    it('adds a version only when told to overwrite', async () => {
      const name = newName()
      await put(name, 'one')
      expect(await put(name, 'two')).toBe(2)
      expect(await refused(put(name, 'three', { Overwrite: false }))).toEqual({
        name: 'ParameterAlreadyExists',
        message: 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      })
      expect((await get(name)).Value).toBe('two')
    })

    it('requires the type of a new parameter', async () => {
      const sending = client().send(new PutParameterCommand({ Name: newName(), Value: 'one' }))
      expect(await refused(sending)).toEqual({
        name: 'ValidationException',
        message: 'A parameter type is required when you create a parameter.',
      })
    })

    it.each([
      ['aws-key', 'ValidationException'],
      ['/SSM', 'ValidationException'],
      ['/ssm-app/key', 'ValidationException'],
      ['/aws/app/key', 'AccessDeniedException'],
      ['/AWSapp/key', 'AccessDeniedException'],
    ])('reserves the name %s', async (name, error) => {
      expect((await refused(put(name, 'one'))).name).toBe(error)
    })

    it('rejects labels that begin with a digit, and attaches the others', async () => {
      const name = newName()
      await put(name, 'one')
      expect(await label(name, 1, '1st', 'first')).toEqual(['1st'])
      expect((await get(`${name}:first`)).Version).toBe(1)
    })

    itDiffers('rejects labels that begin with "aws" or "ssm"', 'it takes them in capitals', async isMoto => {
      const name = newName()
      await put(name, 'one')
      expect(await label(name, 1, 'AWSCURRENT', 'ssm')).toEqual(isMoto ? ['ssm'] : ['AWSCURRENT', 'ssm'])
    })

    it('labels the latest version unless another is given, and only an existing one', async () => {
      const name = newName()
      await put(name, 'one')
      await put(name, 'two')
      const labelled = await client().send(new LabelParameterVersionCommand({ Name: name, Labels: ['latest'] }))
      expect(labelled.ParameterVersion).toBe(2)
      expect(await refused(label(name, 3, 'next'))).toEqual({
        name: 'ParameterVersionNotFound',
        message: `Systems Manager could not find version 3 of ${name}. Verify the version and try again.`,
      })
    })

    it('attaches no more than ten labels to a version', async () => {
      const name = newName()
      await put(name, 'one')
      await label(name, 1, ...'abcdefghij')
      expect((await refused(label(name, 1, 'k'))).name).toBe('ParameterVersionLabelLimitExceeded')
      await put(name, 'two')
      expect(await label(name, 2, 'a', 'k')).toEqual([])
      expect(await label(name, 1, 'l')).toEqual([])
    })

    it('removes labels from the version that has them', async () => {
      const name = newName()
      await put(name, 'one')
      await label(name, 1, 'stable')
      const input = { Name: name, ParameterVersion: 1, Labels: ['stable', 'other'] }
      const { RemovedLabels, InvalidLabels } = await client().send(new UnlabelParameterVersionCommand(input))
      expect({ RemovedLabels, InvalidLabels }).toEqual({ RemovedLabels: ['stable'], InvalidLabels: ['other'] })
      expect((await refused(get(`${name}:stable`))).name).toBe('ParameterNotFound')
    })

    it('keeps a hundred versions, and no more while the oldest has a label', async () => {
      const name = newName()
      for (let version = 1; version <= 100; version += 1) await put(name, `value ${version}`)
      expect(await put(name, 'value 101')).toBe(101)
      expect((await refused(get(`${name}:1`))).name).toBe('ParameterVersionNotFound')
      await label(name, 2, 'oldest')
      const error = await refused(put(name, 'value 102'))
      expect(error.name).toBe('ParameterMaxVersionLimitExceeded')
      expect(error.message).toContain(
        "Version 2, the oldest version, can't be deleted because it has a label associated with it.",
      )
      await label(name, 50, 'oldest')
      expect(await put(name, 'value 102')).toBe(102)
    })

    it('starts again with version 1 after a deletion, under the same ARN', async () => {
      const name = newName()
      await put(name, 'one')
      await put(name, 'two')
      const { ARN } = await get(name)
      await client().send(new DeleteParameterCommand({ Name: name }))
      expect((await refused(get(name))).name).toBe('ParameterNotFound')
      expect((await refused(client().send(new DeleteParameterCommand({ Name: name })))).name).toBe('ParameterNotFound')
      expect(await put(name, 'again')).toBe(1)
      expect(await get(name)).toMatchObject({ ARN, Value: 'again', Version: 1 })
    })

    it('deletes several, and says which it has not', async () => {
      const [first, second] = [newName(), newName()]
      await put(first, 'one')
      const answer = await client().send(new DeleteParametersCommand({ Names: [first, second] }))
      expect(answer).toMatchObject({ DeletedParameters: [first], InvalidParameters: [second] })
    })

    itDiffers('limits the size of a value', 'it has no limit', async isMoto => {
      const name = newName()
      await put(name, 'x'.repeat(4096))
      const large = put(name, 'x'.repeat(4097))
      if (isMoto) expect(await large).toBe(2)
      else expect((await refused(large)).message).toMatch(/^Standard tier parameters support a maximum parameter value of 4096/)
      expect(await put(name, 'x'.repeat(8192), { Tier: 'Advanced' })).toBe(isMoto ? 3 : 2)
    })
  })
}
