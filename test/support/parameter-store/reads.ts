import { randomUUID } from 'node:crypto'
import {
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
} from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import { newName, type ParameterServiceUnderTest, refused, useParameterStore } from './scene.js'

type Wanted = Record<string, unknown>

/** What a read answers. */
export function describeParameterReads(title: string, under: ParameterServiceUnderTest): void {
  describe(`${title}: reads`, () => {
    const { client, put, get, label, itDiffers } = useParameterStore(under)

    it('answers a parameter with its number, date, ARN and data type', async () => {
      const name = newName()
      await put(name, 'one')
      const parameter = await get(name)
      expect(parameter).toEqual({
        Name: name,
        Type: 'SecureString',
        Value: 'one',
        Version: 1,
        LastModifiedDate: expect.any(Date),
        ARN: `arn:aws:ssm:eu-west-1:123456789012:parameter${name}`,
        DataType: 'text',
      })
      expect(Math.abs(Number(parameter.LastModifiedDate) - Date.now())).toBeLessThan(3_600_000)
    })

    itDiffers('reads a version by its number and by its label, and repeats the selector', 'it omits it', async isMoto => {
      const selector = (asked: string): Wanted => (isMoto ? {} : { Selector: asked })
      const name = newName()
      await put(name, 'one')
      await put(name, 'two')
      expect(await label(name, 1, 'stable')).toEqual([])
      expect(await get(`${name}:1`)).toMatchObject({ Name: name, Value: 'one', Version: 1, ...selector(':1') })
      expect(await get(`${name}:stable`)).toMatchObject({ Name: name, Value: 'one', Version: 1, ...selector(':stable') })
      await label(name, 2, 'stable')
      expect(await get(`${name}:stable`)).toMatchObject({ Value: 'two', Version: 2 })
    })

    it('reads by the ARN, with and without a selector', async () => {
      const name = newName()
      await put(name, 'one')
      await put(name, 'two')
      const { ARN = '' } = await get(name)
      expect(await get(ARN)).toMatchObject({ Name: name, Value: 'two', ARN })
      expect(await get(`${ARN}:1`)).toMatchObject({ Name: name, Value: 'one', ARN })
    })

    itDiffers('repeats the form in which a name was asked for', 'it has two parameters', async isMoto => {
      const plain = `plain-${randomUUID()}`
      await put(plain, 'one')
      if (isMoto) expect((await get(`/${plain}`)).Name).toBe(plain)
      else expect((await get(`/${plain}`)).Name).toBe(`/${plain}`)
      expect((await get(plain)).Name).toBe(plain)
      const { ARN } = await get(plain)
      expect(ARN).toBe(`arn:aws:ssm:eu-west-1:123456789012:parameter/${plain}`)
    })

    itDiffers('says nothing of a parameter that is missing', 'it names the parameter', async isMoto => {
      const name = newName()
      expect(await refused(get(name))).toEqual({
        name: 'ParameterNotFound',
        message: isMoto ? `Parameter ${name} not found.` : 'UnknownError',
      })
    })

    it('says which version is missing', async () => {
      const name = newName()
      await put(name, 'one')
      expect(await refused(get(`${name}:7`))).toEqual({
        name: 'ParameterVersionNotFound',
        message: `Systems Manager could not find version 7 of ${name}. Verify the version and try again.`,
      })
    })

    it('takes a missing label for a missing parameter', async () => {
      const name = newName()
      await put(name, 'one')
      expect((await refused(get(`${name}:nothing`))).name).toBe('ParameterNotFound')
    })

    itDiffers('rejects a path without its leading slash, or with an empty level', 'they are missing', async isMoto => {
      for (const name of ['a/b', '/a//b', '/a/']) {
        expect((await refused(get(name))).name).toBe(isMoto ? 'ParameterNotFound' : 'ValidationException')
      }
    })

    it('shows the ciphertext of a SecureString unless told to decrypt it', async () => {
      const name = newName()
      await put(name, 'a value in the clear')
      for (const sending of [
        get(name, false),
        client()
          .send(new GetParameterCommand({ Name: name }))
          .then(it => it.Parameter),
      ]) {
        const parameter = await sending
        expect(parameter?.Value).not.toBe('a value in the clear')
        expect(parameter?.Type).toBe('SecureString')
      }
      const list = newName()
      await put(list, 'a,b', { Type: 'StringList' })
      expect(await get(list, false)).toMatchObject({ Type: 'StringList', Value: 'a,b' })
    })

    it('reads ten by name, sorted, with those that are missing beside them', async () => {
      const names = [newName(), newName(), newName()]
      for (const name of names) await put(name, name)
      const missing = newName()
      const wanted = [names[2]!, missing, `${names[0]}:9`, names[0]!, `${names[1]}:1`]
      const answer = await client().send(new GetParametersCommand({ Names: wanted, WithDecryption: true }))
      expect(answer.$metadata.httpStatusCode).toBe(200)
      expect(answer.Parameters?.map(it => it.Value).sort()).toEqual([...names].sort())
      expect([...(answer.InvalidParameters ?? [])].sort()).toEqual([missing, `${names[0]}:9`].sort())
    })

    itDiffers('sorts what it reads by name', 'in any order', async isMoto => {
      const names = [newName(), newName(), newName()].sort()
      for (const name of names) await put(name, 'one')
      const wanted = [names[1]!, names[2]!, names[0]!]
      const { Parameters } = await client().send(new GetParametersCommand({ Names: wanted }))
      const found = Parameters?.map(it => it.Name)
      expect(isMoto ? found?.sort() : found).toEqual(names)
    })

    it('reads no more than ten at once', async () => {
      const Names = Array.from({ length: 11 }, newName)
      expect((await refused(client().send(new GetParametersCommand({ Names })))).name).toBe('ValidationException')
    })

    it('reads a level of a hierarchy, or all below it', async () => {
      const path = newName()
      for (const name of ['b', 'a', 'deeper/c']) await put(`${path}/${name}`, name)
      const names = async (input: Wanted): Promise<(string | undefined)[]> => {
        const { Parameters = [] } = await client().send(new GetParametersByPathCommand({ Path: path, ...input }))
        return Parameters.map(it => it.Name?.slice(path.length)).sort()
      }
      expect(await names({})).toEqual(['/a', '/b'])
      expect(await names({ Recursive: true })).toEqual(['/a', '/b', '/deeper/c'])
      expect(await names({ Path: `${path}/` })).toEqual(['/a', '/b'])
      expect(await names({ ParameterFilters: [{ Key: 'Type', Values: ['String'] }] })).toEqual([])
    })

    it('pages through a hierarchy', async () => {
      const path = newName()
      for (let index = 0; index < 12; index += 1) await put(`${path}/${index}`, 'one')
      const first = await client().send(new GetParametersByPathCommand({ Path: path }))
      expect(first.Parameters?.length).toBe(10)
      const second = await client().send(new GetParametersByPathCommand({ Path: path, NextToken: first.NextToken! }))
      expect(second.Parameters?.length).toBe(2)
      expect(second.NextToken).toBeUndefined()
    })

    it('selects the version that has a label in a hierarchy', async () => {
      const path = newName()
      await put(`${path}/a`, 'one')
      await put(`${path}/b`, 'one')
      await label(`${path}/a`, 1, 'stable')
      const filter = { Key: 'Label', Values: ['stable'] }
      const input = { Path: path, ParameterFilters: [filter], WithDecryption: true }
      const { Parameters } = await client().send(new GetParametersByPathCommand(input))
      expect(Parameters?.map(it => [it.Name, it.Value])).toEqual([[`${path}/a`, 'one']])
    })

    it('keeps the history with labels', async () => {
      const name = newName()
      await put(name, 'one', { Description: 'first' })
      await put(name, 'two')
      await label(name, 1, 'stable', 'old')
      const input = { Name: name, WithDecryption: true }
      const { Parameters } = await client().send(new GetParameterHistoryCommand(input))
      expect(Parameters).toMatchObject([
        { Name: name, Value: 'one', Version: 1, Labels: ['stable', 'old'], KeyId: 'alias/aws/ssm', Description: 'first' },
        { Name: name, Value: 'two', Version: 2, Labels: [], KeyId: 'alias/aws/ssm', Description: 'first' },
      ])
    })

    it('describes parameters without their values', async () => {
      const name = newName()
      await put(name, 'one', { Description: 'first' })
      const filter = { Key: 'Name', Option: 'Equals', Values: [name] }
      const { Parameters } = await client().send(new DescribeParametersCommand({ ParameterFilters: [filter] }))
      expect(Parameters).toMatchObject([{ Name: name, Type: 'SecureString', Version: 1, Description: 'first' }])
      expect(JSON.stringify(Parameters)).not.toContain('"one"')
    })
  })
}
